// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "sip_hash.h"
#include "window_shard.h"

namespace postern::ratelimit {

// One table for all loops, in shards with a lock each. Its memory is bounded whatever comes: about
// 63 MB with every entry and block in use, and more only for limits above 20,000 connections.
class WindowTable {
public:
    // Room for a million addresses.
    static constexpr WindowShard::Capacity kShard = {16'384, 2'048};
    static constexpr std::size_t kShards = 64;

    WindowTable(Limit limit, const SipHash::Key& key, WindowShard::Capacity shard = kShard,
                std::size_t shards = kShards);

    Decision take(const AddressKey& address, std::uint64_t now_ns);

    std::size_t most_memory() const noexcept { return most_memory_; }

private:
    SipHash hash_;
    std::vector<std::unique_ptr<WindowShard>> shards_;
    std::size_t most_memory_ = 0;
};

}  // namespace postern::ratelimit
