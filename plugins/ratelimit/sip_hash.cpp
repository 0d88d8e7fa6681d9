// SPDX-License-Identifier: Apache-2.0
#include "sip_hash.h"

#include <bit>

namespace postern::ratelimit {
namespace {

std::uint64_t little_endian(const std::uint8_t* bytes) noexcept {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 8; ++i) out |= std::uint64_t{bytes[i]} << (8 * i);
    return out;
}

struct State {
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace

SipHash::SipHash(const Key& key) noexcept
    : k0_(little_endian(key.data())), k1_(little_endian(key.data() + 8)) {}

std::uint64_t SipHash::operator()(const AddressKey& address) const noexcept {
    State state{k0_ ^ 0x736f6d6570736575u, k1_ ^ 0x646f72616e646f6du, k0_ ^ 0x6c7967656e657261u,
                k1_ ^ 0x7465646279746573u};
    state.absorb(little_endian(address.data()));
    state.absorb(little_endian(address.data() + 8));
    state.absorb(std::uint64_t{address.size()} << 56);
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace postern::ratelimit
