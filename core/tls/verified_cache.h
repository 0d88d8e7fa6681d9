#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "core/tls/chain.h"
#include "core/tls/digest.h"
#include "core/tls/verify.h"

namespace postern::tls {

// Chains that were good a moment ago, for one set of anchors: presented → verified. It spares the
// signatures, nothing else: the caller checks validity again. Bounded: a full shard forgets the
// least recently used. Any thread.
class VerifiedCache {
public:
    static constexpr std::size_t kMaxEntries = 4096;
    static constexpr std::int64_t kMaxAge = 300;  // seconds

    [[nodiscard]] ChainRef find(const Chain& presented, Purpose purpose, std::int64_t now);
    // Keeps `presented` too, so that it is not parsed anew for the next connection.
    void add(const ChainRef& presented, Purpose purpose, const ChainRef& verified,
             std::int64_t now);
    [[nodiscard]] std::size_t size();

private:
    struct Entry {
        Digest256 key;
        ChainRef presented;
        ChainRef verified;
        std::int64_t added = 0;
    };
    struct Shard {
        std::mutex mutex;
        std::list<Entry> entries;  // the most recently used first
        std::unordered_map<Digest256, std::list<Entry>::iterator, DigestHash> index;
    };
    static constexpr std::size_t kShards = 16;
    Shard& shard_of(const Digest256& key) { return shards_[key[31] % kShards]; }

    std::array<Shard, kShards> shards_;
};

}  // namespace postern::tls
