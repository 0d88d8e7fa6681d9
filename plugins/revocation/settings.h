// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "postern/plugin.hpp"

namespace postern::revocation {

enum class CheckMode : bool { Off, Crl };

struct Settings {
    CheckMode check_mode = CheckMode::Crl;
    std::vector<std::string> crl_files;
    std::string crl_directory;
    std::chrono::nanoseconds crl_update_interval{};
    std::int64_t max_stale = 0;        // seconds
    std::int64_t exempt_validity = 0;  // seconds; 0: none
};

// Reports the first wrong key by Config::fail(), which throws.
Settings read_settings(const sdk::Config& config);

void add_to_digest(const Settings& settings, sdk::Digest& digest);

}  // namespace postern::revocation
