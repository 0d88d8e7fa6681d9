#pragma once

#include <string>

#include "core/base/result.h"
#include "core/tls/chain.h"

namespace postern::tls {

// RFC 5280 4.2.1.10 and 6.1.4 (g): every name of every certificate of a verified chain against the
// constraints of the authorities above it. GnuTLS checks them too, but takes a wildcard for a name
// of its own, lets malformed constraints pass as harmless and knows nothing of URIs. What cannot be
// compared with certainty counts as excluded and as not permitted. The work is bounded, since both
// lists may be as long as a certificate holds. The error says which names of which certificate.
[[nodiscard]] Result<void> check_name_constraints(const Chain& verified);

// Before GnuTLS sees them, whose lists of names and constraints are quadratic to walk: what was
// presented is well-formed and not more than is compared.
[[nodiscard]] Result<void> check_constraints_presented(const Chain& presented);

}  // namespace postern::tls
