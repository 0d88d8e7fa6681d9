#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/tls/chain.h"

namespace postern::tls {

// The authorities that the system trusts, where the library was built to look for them. At least
// one. Blocks on files.
[[nodiscard]] Result<std::vector<Certificate>> system_certificates();

}  // namespace postern::tls
