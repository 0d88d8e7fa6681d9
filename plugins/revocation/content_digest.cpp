// SPDX-License-Identifier: Apache-2.0
#include "content_digest.h"

#include <algorithm>

namespace postern::revocation {
namespace {

constexpr std::size_t kDigest = sizeof(sdk::Sha256);
constexpr std::size_t kBlock = kDigest + std::size_t{64} * 1024;

}  // namespace

ContentDigest::ContentDigest(const sdk::Crypto& crypto) : crypto_(crypto) {
    block_.reserve(kBlock);
    block_.resize(kDigest);
}

void ContentDigest::add(sdk::Bytes bytes) {
    while (!bytes.empty()) {
        const sdk::Bytes piece = bytes.first(kBlock - block_.size());
        block_.insert(block_.end(), piece.begin(), piece.end());
        bytes = bytes.from(piece.size());
        if (block_.size() == kBlock) fold();
    }
}

sdk::Sha256 ContentDigest::finish() {
    fold();
    sdk::Sha256 out{};
    std::copy_n(block_.begin(), kDigest, out.begin());
    return out;
}

void ContentDigest::fold() {
    const sdk::Sha256 digest = crypto_.sha256(block_);
    block_.assign(digest.begin(), digest.end());
}

}  // namespace postern::revocation
