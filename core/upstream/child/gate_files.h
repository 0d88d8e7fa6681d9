#pragma once

#include <string>
#include <vector>

#include "core/config/configuration.h"

namespace postern::upstream {

// What of the gate's own a child must not touch, by absolute path. What does not exist (yet) may be
// named.
struct GateFiles {
    std::vector<std::string> hidden;  // files, and folders with all that is in them
    // Hidden whole, unless it is a place that is not the gate's alone: above the child's program,
    // working directory, home or an argument, or directly below "/".
    std::vector<std::string> hidden_folders;
    std::vector<std::string> read_only;  // public, but not to be changed or replaced
    bool operator==(const GateFiles&) const = default;
};

// Private keys, passwords, configuration (with the folders they are in), state and sockets are
// hidden; certificates, CAs and plugins are read-only. Files that only a plugin knows of are
// covered where they lie beside the configuration or in the state directory.
[[nodiscard]] GateFiles gate_files(const config::Configuration& configuration);

}  // namespace postern::upstream
