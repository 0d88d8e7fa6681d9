// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "postern/types.h"

namespace postern::ratelimit {

// An address as IPv6, an IPv4 one as ::ffff:a.b.c.d, so that both forms of it are one.
using AddressKey = std::array<std::uint8_t, 16>;

constexpr unsigned kMappedBits = 96;  // the prefix ::ffff:0:0 of IPv4

// Nothing for a unix socket: whoever may open it is local.
std::optional<AddressKey> address_of(const postern_endpoint& endpoint) noexcept;

bool is_ipv4(const AddressKey& address) noexcept;

// Zeroes all but the first `bits`, of 128.
AddressKey prefix_of(AddressKey address, unsigned bits) noexcept;

// A network as "10.0.0.0/8", "2001:db8::/32", or one address.
struct Network {
    AddressKey address;
    unsigned bits;

    bool contains(const AddressKey& other) const noexcept {
        return prefix_of(other, bits) == address;
    }
};
// Nothing for what is no network, or has bits set behind its prefix.
std::optional<Network> parse_network(std::string_view text);

}  // namespace postern::ratelimit
