#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/cli/certificate_builder.h"
#include "core/cli/revocation_state.h"

namespace postern::cli {

struct CrlSpec {
    std::uint64_t number = 1;
    std::int64_t this_update = 0;
    std::int64_t next_update = 0;
    std::span<const Revocation> revoked;
};

// A complete version 2 CRL of RFC 5280 in DER, with number, authority key identifier and the
// entries' reasons.
[[nodiscard]] Result<Bytes> build_crl(const CrlSpec& spec, const Signer& signer);

}  // namespace postern::cli
