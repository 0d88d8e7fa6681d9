#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/configuration.h"

namespace postern::config {

// A configuration, or everything that is wrong with it: one line each, "FILE:LINE:COLUMN: key: what
// is wrong; what would be right".
struct Loaded {
    std::optional<Configuration> configuration;
    std::vector<std::string> errors;  // empty exactly if there is a configuration
};

// Reads the file and those it includes. Opens no other file: certificates, rules and plugins are
// looked at by who uses them. Blocks.
[[nodiscard]] Loaded load(const std::string& path);

// As load(), from a text that would stand in `file`, an absolute path.
[[nodiscard]] Loaded load_text(std::string_view text, const std::string& file);

// The part after files were read and merged.
[[nodiscard]] Loaded read(const Node& root);

}  // namespace postern::config
