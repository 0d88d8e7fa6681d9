#pragma once

#include <cstdint>
#include <string>

#include "core/tls/chain.h"
#include "core/tls/verify.h"

namespace postern::tls {

// The rules on certificates that Postern checks itself, since GnuTLS is laxer or takes its own
// clock. Each returns POSTERN_VERIFY_* and, with flags, says why in `detail`.

// Every certificate of `chain` is within its validity.
[[nodiscard]] std::uint32_t check_validity(const Chain& chain, std::int64_t now,
                                           std::string& detail);
// The leaf of `chain` may be used for the purpose (RFC 5280 4.2.1.12 and 4.2.1.3).
[[nodiscard]] std::uint32_t check_leaf_purpose(const Certificate& leaf, Purpose purpose,
                                               std::string& detail);
// The CAs between leaf and anchor are not restricted to other purposes, no path is longer than a CA
// allows, no extension stands twice.
[[nodiscard]] std::uint32_t check_path(const Chain& verified, Purpose purpose, std::string& detail);

}  // namespace postern::tls
