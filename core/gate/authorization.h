#pragma once

#include <string>

#include "core/base/result.h"
#include "core/config/configuration.h"

namespace postern::gate {

// The Authorization value that `route` puts in the place of the client's: the first line of its
// file, or empty when it has none. Read whenever a generation is built, so that a reload takes a
// rotated token. Blocks. The error names the key and the file.
[[nodiscard]] Result<std::string> read_authorization(const config::Route& route);

}  // namespace postern::gate
