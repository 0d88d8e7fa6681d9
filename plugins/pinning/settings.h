#pragma once

#include <string>
#include <vector>

#include "pin_set.h"
#include "postern/plugin.hpp"

namespace postern::pinning {

// What must be held: the certificate itself, or its public key (or that of a CA above it).
enum class Match { certificate, public_key };

struct Settings {
    Match match = Match::public_key;
    std::vector<std::string> certificate_files;
    PinSet listed;          // of `pins`
    std::string directory;  // absolute; need not exist
};

// Leaves by sdk::Error where a value is wrong; the host has then been told which, and where.
[[nodiscard]] Settings read_settings(const sdk::Config& config);

}  // namespace postern::pinning
