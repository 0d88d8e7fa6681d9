#include "core/tls/digest.h"

#include <cstdint>
#include <cstring>
#include <new>

#include "core/tls/gnutls_handle.h"

namespace postern::tls {

Digest256 sha256(ByteView bytes) {
    Digest256 digest{};
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes.data(), bytes.size(), digest.data()) < 0)
        throw std::bad_alloc();  // the only way in which hashing fails
    return digest;
}

PartsDigest::PartsDigest() : hash_(nullptr) {
    gnutls_hash_hd_t hash = nullptr;
    if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0) throw std::bad_alloc();
    hash_ = hash;
}

PartsDigest::~PartsDigest() {
    if (hash_ != nullptr) gnutls_hash_deinit(static_cast<gnutls_hash_hd_t>(hash_), nullptr);
}

void PartsDigest::add(ByteView part) {
    const auto hash = static_cast<gnutls_hash_hd_t>(hash_);
    std::uint8_t length[8];
    for (int i = 0; i < 8; ++i)
        length[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (56 - 8 * i));
    gnutls_hash(hash, length, sizeof length);
    if (!part.empty()) gnutls_hash(hash, part.data(), part.size());
}

Digest256 PartsDigest::finish() {
    Digest256 digest{};
    gnutls_hash_deinit(static_cast<gnutls_hash_hd_t>(hash_), digest.data());
    hash_ = nullptr;
    return digest;
}

std::size_t DigestHash::operator()(const Digest256& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

}  // namespace postern::tls
