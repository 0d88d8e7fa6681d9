#pragma once

#include <string>
#include <vector>

#include "pin_file.h"
#include "pin_set.h"
#include "postern/plugin.hpp"

namespace postern::pinning {

// What becomes of a peer whose name no pin is for.
enum class FirstUse : std::uint8_t {
    off,      // refused
    pin,      // its key is pinned for its name
    approve,  // refused, and its key waits in the store for an administrator
};

struct Settings {
    Match match = Match::public_key;
    FirstUse first_use = FirstUse::off;
    std::vector<std::string> certificate_files;
    PinSet listed;          // of `pins`
    std::string directory;  // absolute; need not exist. The store service is open there
};

// Leaves by sdk::Error where a value is wrong; the host has then been told which, and where.
[[nodiscard]] Settings read_settings(const sdk::Config& config);

}  // namespace postern::pinning
