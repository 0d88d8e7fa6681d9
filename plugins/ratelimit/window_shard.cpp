// SPDX-License-Identifier: Apache-2.0
#include "window_shard.h"

#include <algorithm>
#include <bit>

namespace postern::ratelimit {
namespace {

constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 48) - 1;

void store_time(std::uint8_t (&out)[6], std::uint64_t time_ns) noexcept {
    for (unsigned i = 0; i < 6; ++i) out[i] = static_cast<std::uint8_t>(time_ns >> (8 * i));
}

std::uint64_t load_time(const std::uint8_t (&in)[6]) noexcept {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 6; ++i) out |= std::uint64_t{in[i]} << (8 * i);
    return out;
}

std::uint64_t bucket_count(std::uint32_t entries) noexcept {
    return std::bit_ceil(std::uint64_t{entries});
}

}  // namespace

WindowShard::WindowShard(Capacity capacity, Limit limit, const SipHash& hash)
    : capacity_(capacity),
      limit_(limit),
      hash_(hash),
      bucket_mask_(bucket_count(capacity.entries) - 1),
      entries_(new Entry[capacity.entries]),
      blocks_(new Block[capacity.blocks]),
      buckets_(new Index[bucket_mask_ + 1]) {
    std::fill_n(buckets_.get(), bucket_mask_ + 1, kNone);
}

std::size_t WindowShard::most_memory(Capacity capacity) noexcept {
    return capacity.entries * sizeof(Entry) + capacity.blocks * sizeof(Block) +
           static_cast<std::size_t>(bucket_count(capacity.entries)) * sizeof(Index);
}

Decision WindowShard::take(const AddressKey& address, std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    Decision decision{Taken::Yes, 0, 0, false};
    Index index = find(address);
    if (index == kNone) {
        index = insert(address, now_ns, decision.forgot_another);
    } else {
        touch(index);
    }
    Entry& entry = entries_[index];
    // Another loop may have read a later time and come here first.
    if (entry.count > 0) now_ns = std::max(now_ns, entry.newest_ns);
    expire(entry, now_ns);
    if (entry.count >= limit_.connections) {
        decision.taken = Taken::Limit;
    } else if (!push(entry, now_ns)) {
        decision.taken = Taken::NoRoom;
    }
    decision.in_window = entry.count;
    decision.wait_ns = limit_.window_ns - oldest_age(entry, now_ns);
    return decision;
}

WindowShard::Index WindowShard::find(const AddressKey& address) const noexcept {
    Index index = bucket(address);
    while (index != kNone && entries_[index].address != address) {
        index = entries_[index].next_in_bucket;
    }
    return index;
}

WindowShard::Index WindowShard::insert(const AddressKey& address, std::uint64_t now_ns,
                                       bool& forgot) noexcept {
    if (free_entries_ == kNone && entries_begun_ == capacity_.entries) {
        forgot = !idle(entries_[oldest_], now_ns);
        erase(oldest_);
    }
    Index index = free_entries_;
    if (index == kNone) {
        index = entries_begun_++;
    } else {
        free_entries_ = entries_[index].next_in_bucket;
    }
    Index& first = bucket(address);
    entries_[index] = Entry{address, 0, first, kNone, kNone, kNone, kNone, 0, 0, 0};
    first = index;
    link_newest(index);
    return index;
}

void WindowShard::erase(Index index) noexcept {
    Entry& entry = entries_[index];
    clear(entry);
    unlink(index);
    Index* link = &bucket(entry.address);
    while (*link != index) link = &entries_[*link].next_in_bucket;
    *link = entry.next_in_bucket;
    entry.next_in_bucket = free_entries_;
    free_entries_ = index;
}

void WindowShard::touch(Index index) noexcept {
    if (newest_ == index) return;
    unlink(index);
    link_newest(index);
}

void WindowShard::link_newest(Index index) noexcept {
    Entry& entry = entries_[index];
    entry.newer = kNone;
    entry.older = newest_;
    (newest_ == kNone ? oldest_ : entries_[newest_].newer) = index;
    newest_ = index;
}

void WindowShard::unlink(Index index) noexcept {
    const Entry& entry = entries_[index];
    (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
    (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

bool WindowShard::idle(const Entry& entry, std::uint64_t now_ns) const noexcept {
    return now_ns >= entry.newest_ns && now_ns - entry.newest_ns >= limit_.window_ns;
}

std::uint64_t WindowShard::oldest_age(const Entry& entry, std::uint64_t now_ns) const noexcept {
    if (entry.count <= 1) return now_ns - entry.newest_ns;
    return (now_ns - load_time(blocks_[entry.head].times[entry.head_at])) & kTimeMask;
}

void WindowShard::expire(Entry& entry, std::uint64_t now_ns) noexcept {
    if (entry.count == 0) return;
    // First, since the older times are only comparable while the newest counts.
    if (idle(entry, now_ns)) return clear(entry);
    while (entry.count > 1 && oldest_age(entry, now_ns) >= limit_.window_ns) pop_oldest(entry);
}

bool WindowShard::push(Entry& entry, std::uint64_t now_ns) noexcept {
    if (entry.count > 0) {
        if (entry.tail == kNone || entry.tail_at == kTimesPerBlock) {
            Index block = allocate_block();
            if (block == kNone) {
                reclaim_idle(now_ns);
                block = allocate_block();
            }
            if (block == kNone) return false;
            blocks_[block].next = kNone;
            if (entry.tail == kNone) {
                entry.head = block;
                entry.head_at = 0;
            } else {
                blocks_[entry.tail].next = block;
            }
            entry.tail = block;
            entry.tail_at = 0;
        }
        store_time(blocks_[entry.tail].times[entry.tail_at], entry.newest_ns);
        entry.tail_at = (entry.tail_at + 1u) & 0xfu;
    }
    entry.newest_ns = now_ns;
    entry.count = (entry.count + 1u) & 0xffffffu;
    return true;
}

void WindowShard::pop_oldest(Entry& entry) noexcept {
    entry.count = (entry.count - 1u) & 0xffffffu;
    entry.head_at = (entry.head_at + 1u) & 0xfu;
    const Index head = entry.head;
    if (head == entry.tail && entry.head_at == entry.tail_at) {
        entry.head = entry.tail = kNone;
        free_block(head);
    } else if (entry.head_at == kTimesPerBlock) {
        entry.head = blocks_[head].next;
        entry.head_at = 0;
        free_block(head);
    }
}

void WindowShard::clear(Entry& entry) noexcept {
    while (entry.head != kNone) {
        const Index block = entry.head;
        entry.head = blocks_[block].next;
        free_block(block);
    }
    entry.tail = kNone;
    entry.count = 0;
}

WindowShard::Index WindowShard::allocate_block() noexcept {
    const Index block = free_blocks_;
    if (block != kNone) {
        free_blocks_ = blocks_[block].next;
        return block;
    }
    return blocks_begun_ == capacity_.blocks ? kNone : blocks_begun_++;
}

void WindowShard::free_block(Index block) noexcept {
    blocks_[block].next = free_blocks_;
    free_blocks_ = block;
}

// Idle addresses keep their blocks until somebody needs them.
void WindowShard::reclaim_idle(std::uint64_t now_ns) noexcept {
    while (oldest_ != kNone && idle(entries_[oldest_], now_ns)) erase(oldest_);
}

}  // namespace postern::ratelimit
