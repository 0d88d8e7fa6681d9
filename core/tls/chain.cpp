#include "core/tls/chain.h"

#include <array>
#include <mutex>
#include <unordered_map>

#include "core/tls/digest.h"

namespace postern::tls {

// The chains that are alive, by digest, so that a chain presented again is parsed once. Entries do
// not own: a chain takes itself out in its destructor, under the shard's lock, and find() gives out
// only chains whose count has not reached zero.
class ChainRegistry {
public:
    // Never destroyed: chains may outlive static objects.
    static ChainRegistry& instance() {
        static auto* const registry = new ChainRegistry;
        return *registry;
    }

    ChainRef find(const Digest256& digest) {
        Shard& shard = shard_of(digest);
        const std::lock_guard lock(shard.mutex);
        const auto entry = shard.chains.find(digest);
        if (entry == shard.chains.end() || !entry->second->revive()) return nullptr;
        return ChainRef(entry->second, false);
    }

    void add(const Chain* chain) {
        Shard& shard = shard_of(chain->digest());
        const std::lock_guard lock(shard.mutex);
        shard.chains[chain->digest()] = chain;
    }

    void remove(const Chain* chain) {
        Shard& shard = shard_of(chain->digest());
        const std::lock_guard lock(shard.mutex);
        const auto entry = shard.chains.find(chain->digest());
        if (entry != shard.chains.end() && entry->second == chain) shard.chains.erase(entry);
    }

private:
    struct Shard {
        std::mutex mutex;
        std::unordered_map<Digest256, const Chain*, DigestHash> chains;
    };
    Shard& shard_of(const Digest256& digest) { return shards_[digest[31] % shards_.size()]; }

    std::array<Shard, 16> shards_;
};

namespace {

Digest256 digest_of(const std::vector<Certificate>& certificates) {
    PartsDigest digest;
    for (const Certificate& certificate : certificates) digest.add(certificate.der);
    return digest.finish();
}

}  // namespace

Result<ChainRef> Chain::from_der(const std::vector<ByteView>& certificates) {
    if (certificates.empty()) return empty();
    PartsDigest digest;
    for (const ByteView der : certificates) digest.add(der);
    if (auto known = ChainRegistry::instance().find(digest.finish())) return known;

    std::vector<Certificate> parsed;
    parsed.reserve(certificates.size());
    for (const ByteView der : certificates) {
        auto certificate = parse_certificate(der);
        if (!certificate)
            return Error{certificate.error().fault, "certificate " +
                                                        std::to_string(parsed.size() + 1) + " of " +
                                                        std::to_string(certificates.size()) + ": " +
                                                        certificate.error().message};
        parsed.push_back(std::move(*certificate));
    }
    return from_certificates(std::move(parsed));
}

ChainRef Chain::from_certificates(std::vector<Certificate> certificates) {
    if (certificates.empty()) return empty();
    const ChainRef chain(new Chain(std::move(certificates)));
    ChainRegistry::instance().add(chain.get());
    return chain;
}

ChainRef Chain::empty() {
    static const ChainRef chain(new Chain({}));
    return chain;
}

Chain::Chain(std::vector<Certificate> certificates)
    : certificates_(std::move(certificates)), digest_(digest_of(certificates_)) {}

Chain::~Chain() {
    if (!certificates_.empty()) ChainRegistry::instance().remove(this);
}

bool Chain::revive() const {
    std::uint32_t count = references_.load(std::memory_order_relaxed);
    while (count != 0)
        if (references_.compare_exchange_weak(count, count + 1, std::memory_order_acquire,
                                              std::memory_order_relaxed))
            return true;
    return false;
}

}  // namespace postern::tls
