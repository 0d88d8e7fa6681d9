#pragma once

#include <span>
#include <string_view>

#include "core/base/bytes.h"

namespace postern::tls {

[[nodiscard]] Digest256 sha256(ByteView bytes);

// SHA-256 over parts, each with its length before it, so that no two lists of parts are the same
// input.
class PartsDigest {
public:
    PartsDigest();
    PartsDigest(const PartsDigest&) = delete;
    PartsDigest& operator=(const PartsDigest&) = delete;
    ~PartsDigest();

    void add(ByteView part);
    void add(std::string_view part) { add(as_bytes(part)); }
    [[nodiscard]] Digest256 finish();  // once

private:
    void* hash_;  // gnutls_hash_hd_t
};

// Digests are uniformly distributed: any eight bytes of one are a good hash.
struct DigestHash {
    [[nodiscard]] std::size_t operator()(const Digest256& digest) const;
};

}  // namespace postern::tls
