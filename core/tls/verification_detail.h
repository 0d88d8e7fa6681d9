#pragma once

#include <cstdint>
#include <string>

#include "core/tls/chain.h"

namespace postern::tls {

// What GnuTLS found wrong, by POSTERN_VERIFY_*, in words that name the certificate. GnuTLS itself
// only says that something is; where nothing of the kind is found in `way`, its own words stand.
[[nodiscard]] std::string detail_of(std::uint32_t flags, const Chain& way, std::string otherwise);

}  // namespace postern::tls
