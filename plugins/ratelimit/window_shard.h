// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "address_key.h"
#include "sip_hash.h"

namespace postern::ratelimit {

struct Limit {
    std::uint32_t connections;  // at least 1
    std::uint64_t window_ns;    // at most 24 h
};

enum class Taken : std::uint8_t {
    Yes,
    Limit,  // the limit is reached
    NoRoom  // there is no memory left to remember one more: refused, to be safe
};

struct Decision {
    Taken taken;
    std::uint32_t in_window;  // connections that count now, this one included if it was taken
    std::uint64_t wait_ns;    // until the oldest of them no longer does
    bool forgot_another;      // an address whose connections still counted lost its entry
};

// One part of the table: an exact log of when each address connected, in two arrays of fixed size.
// The newest time of an address stands in its entry; older ones stand in a queue of blocks, which
// only addresses with several connections in the window need. A connection at t counts in [t, t +
// window). All functions are [any].
class WindowShard {
public:
    struct Capacity {
        std::uint32_t entries;
        std::uint32_t blocks;
    };

    // `hash` must outlive the shard, which uses its low bits.
    WindowShard(Capacity capacity, Limit limit, const SipHash& hash);

    Decision take(const AddressKey& address, std::uint64_t now_ns);

    static constexpr std::uint32_t kTimesPerBlock = 10;
    // What a shard can come to use at most.
    static std::size_t most_memory(Capacity capacity) noexcept;

private:
    using Index = std::uint32_t;
    static constexpr Index kNone = ~Index{0};

    struct Entry {
        AddressKey address;
        std::uint64_t newest_ns;
        Index next_in_bucket;
        Index newer;  // in order of use
        Index older;
        Index head;  // the block of the oldest time
        Index tail;  // the block of the latest but newest_ns
        std::uint32_t count : 24;
        std::uint32_t head_at : 4;  // of the oldest in its block
        std::uint32_t tail_at : 4;  // behind the latest in its block
    };
    static_assert(sizeof(Entry) == 48);

    // Nanoseconds modulo 2^48, 78 hours: enough, since all that count lie within twice the window.
    struct Block {
        Index next;
        std::uint8_t times[kTimesPerBlock][6];
    };
    static_assert(sizeof(Block) == 64);

    Index find(const AddressKey& address) const noexcept;
    Index insert(const AddressKey& address, std::uint64_t now_ns, bool& forgot) noexcept;
    void erase(Index entry) noexcept;
    void touch(Index entry) noexcept;
    void link_newest(Index entry) noexcept;
    void unlink(Index entry) noexcept;

    bool idle(const Entry& entry, std::uint64_t now_ns) const noexcept;
    std::uint64_t oldest_age(const Entry& entry, std::uint64_t now_ns) const noexcept;
    void expire(Entry& entry, std::uint64_t now_ns) noexcept;
    bool push(Entry& entry, std::uint64_t now_ns) noexcept;
    void pop_oldest(Entry& entry) noexcept;
    void clear(Entry& entry) noexcept;
    Index allocate_block() noexcept;
    void free_block(Index block) noexcept;
    void reclaim_idle(std::uint64_t now_ns) noexcept;

    Index& bucket(const AddressKey& address) const noexcept {
        return buckets_[hash_(address) & bucket_mask_];
    }

    const Capacity capacity_;
    const Limit limit_;
    const SipHash& hash_;
    const std::uint64_t bucket_mask_;
    std::mutex mutex_;
    // Not initialized: a page that is never used is never resident.
    std::unique_ptr<Entry[]> entries_;
    std::unique_ptr<Block[]> blocks_;
    std::unique_ptr<Index[]> buckets_;
    Index entries_begun_ = 0;  // entries below were in use once
    Index blocks_begun_ = 0;
    Index free_entries_ = kNone;
    Index free_blocks_ = kNone;
    Index newest_ = kNone;
    Index oldest_ = kNone;
};

}  // namespace postern::ratelimit
