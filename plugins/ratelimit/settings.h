// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "address_key.h"
#include "postern/plugin.hpp"
#include "window_shard.h"

namespace postern::ratelimit {

struct Settings {
    Limit limit{};  // 0 connections: no limit
    unsigned ipv4_prefix = 32;
    unsigned ipv6_prefix = 64;
    std::vector<Network> exempt;

    // What an address is counted under.
    AddressKey key_of(const AddressKey& address) const noexcept {
        return prefix_of(address, is_ipv4(address) ? kMappedBits + ipv4_prefix : ipv6_prefix);
    }
    bool is_exempt(const AddressKey& address) const noexcept;
};

// Reports the first wrong key by Config::fail(), which throws.
Settings read_settings(const sdk::Config& config);

void add_to_digest(const Settings& settings, sdk::Digest& digest);

}  // namespace postern::ratelimit
