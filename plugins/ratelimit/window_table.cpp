// SPDX-License-Identifier: Apache-2.0
#include "window_table.h"

#include <algorithm>

namespace postern::ratelimit {

WindowTable::WindowTable(Limit limit, const SipHash::Key& key, WindowShard::Capacity shard,
                         std::size_t shards)
    : hash_(key) {
    // One address must be able to reach the limit.
    shard.blocks = std::max(shard.blocks, limit.connections / WindowShard::kTimesPerBlock + 2);
    for (std::size_t i = 0; i < shards; ++i) {
        shards_.push_back(std::make_unique<WindowShard>(shard, limit, hash_));
        most_memory_ += WindowShard::most_memory(shard);
    }
}

Decision WindowTable::take(const AddressKey& address, std::uint64_t now_ns) {
    // The high bits, since the shards use the low ones.
    const auto shard = static_cast<std::size_t>((hash_(address) >> 32) % shards_.size());
    return shards_[shard]->take(address, now_ns);
}

}  // namespace postern::ratelimit
