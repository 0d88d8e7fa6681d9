// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "address_key.h"

namespace postern::ratelimit {

// SipHash-2-4 (Aumasson, Bernstein) of an address. Keyed at random, so that nobody outside can
// choose addresses that meet in one bucket.
class SipHash {
public:
    using Key = std::array<std::uint8_t, 16>;

    explicit SipHash(const Key& key) noexcept;
    std::uint64_t operator()(const AddressKey& address) const noexcept;

private:
    std::uint64_t k0_;
    std::uint64_t k1_;
};

}  // namespace postern::ratelimit
