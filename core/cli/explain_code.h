#pragma once

#include <string>

#include "core/base/result.h"

namespace postern::cli {

// What the reason of this name or number means, its usual cause and its cure.
[[nodiscard]] Result<std::string> explain_code(const std::string& code);

// The same of every reason, as config/troubleshooting.md has it.
[[nodiscard]] std::string troubleshooting_page();

}  // namespace postern::cli
