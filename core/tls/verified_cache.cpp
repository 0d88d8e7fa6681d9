#include "core/tls/verified_cache.h"

namespace postern::tls {
namespace {

// Not secret and not stored: the purpose just has to tell the two entries of a chain apart.
Digest256 key_of(const Chain& presented, Purpose purpose) {
    Digest256 key = presented.digest();
    if (purpose == Purpose::server_authentication) key[0] ^= 0xff;
    return key;
}

}  // namespace

ChainRef VerifiedCache::find(const Chain& presented, Purpose purpose, std::int64_t now) {
    const Digest256 key = key_of(presented, purpose);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return nullptr;
    const auto entry = found->second;
    // A clock that was set back gives no entry a longer life.
    if (now < entry->added || now - entry->added > kMaxAge) {
        shard.index.erase(found);
        shard.entries.erase(entry);
        return nullptr;
    }
    shard.entries.splice(shard.entries.begin(), shard.entries, entry);
    return entry->verified;
}

void VerifiedCache::add(const ChainRef& presented, Purpose purpose, const ChainRef& verified,
                        std::int64_t now) {
    const Digest256 key = key_of(*presented, purpose);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (const auto found = shard.index.find(key); found != shard.index.end()) {
        shard.entries.erase(found->second);
        shard.index.erase(found);
    }
    if (shard.entries.size() == kMaxEntries / kShards) {
        shard.index.erase(shard.entries.back().key);
        shard.entries.pop_back();
    }
    shard.entries.push_front({key, presented, verified, now});
    shard.index.emplace(key, shard.entries.begin());
}

std::size_t VerifiedCache::size() {
    std::size_t size = 0;
    for (Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        size += shard.entries.size();
    }
    return size;
}

}  // namespace postern::tls
