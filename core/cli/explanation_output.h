#pragma once

#include <string>

#include "core/cli/explanation.h"

namespace postern::cli {

// For people: the chain, each plugin's answer. Names of certificates are made printable.
[[nodiscard]] std::string to_text(const Explanation& explanation);
// For programs.
[[nodiscard]] std::string to_json_text(const Explanation& explanation);
// The line an administrator acts on: who refused, why, and what would have to change.
[[nodiscard]] std::string remedy_line(const Explanation& explanation);

}  // namespace postern::cli
