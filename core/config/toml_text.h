#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.h"

namespace postern::config {

// Values as TOML that parses to the same again, on one line.
[[nodiscard]] std::string toml_string(std::string_view text);
[[nodiscard]] std::string toml_strings(const std::vector<std::string>& texts);
[[nodiscard]] std::string toml_key(std::string_view key);
[[nodiscard]] std::string toml_value(const Node& node);

}  // namespace postern::config
