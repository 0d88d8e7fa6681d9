// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "postern/plugin.hpp"

namespace postern::revocation {

// Tells whether bytes read a second time are those read before. The service hashes whole buffers
// only, so the bytes are cut into blocks, and each is hashed with the digest of those before it.
class ContentDigest {
public:
    explicit ContentDigest(const sdk::Crypto& crypto);

    void add(sdk::Bytes bytes);
    sdk::Sha256 finish();

private:
    void fold();

    sdk::Crypto crypto_;
    std::vector<std::uint8_t> block_;  // starts with the digest so far
};

}  // namespace postern::revocation
