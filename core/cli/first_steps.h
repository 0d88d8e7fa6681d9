#pragma once

#include <string>

#include "core/cli/gate_configuration.h"

namespace postern::cli {

// What to type after `postern init`: lines to paste into a shell as they are.
[[nodiscard]] std::string first_steps_text(const std::string& directory,
                                           const GateConfiguration& gate);

// One word for a POSIX shell.
[[nodiscard]] std::string shell_word(const std::string& text);

}  // namespace postern::cli
