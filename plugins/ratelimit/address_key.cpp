// SPDX-License-Identifier: Apache-2.0
#include "address_key.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace postern::ratelimit {
namespace {

constexpr AddressKey kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

AddressKey mapped(const std::uint8_t* ipv4) noexcept {
    AddressKey out = kMapped;
    std::copy_n(ipv4, 4, out.begin() + 12);
    return out;
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) noexcept {
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || end != text.data() + text.size() || bits > most) {
        return std::nullopt;
    }
    return bits;
}

}  // namespace

std::optional<AddressKey> address_of(const postern_endpoint& endpoint) noexcept {
    if (endpoint.family == POSTERN_AF_INET) return mapped(endpoint.addr);
    if (endpoint.family != POSTERN_AF_INET6) return std::nullopt;
    AddressKey out{};
    std::copy_n(endpoint.addr, out.size(), out.begin());
    return out;
}

bool is_ipv4(const AddressKey& address) noexcept {
    return std::equal(address.begin(), address.begin() + 12, kMapped.begin());
}

AddressKey prefix_of(AddressKey address, unsigned bits) noexcept {
    for (std::size_t i = 0; i < address.size(); ++i) {
        const unsigned before = static_cast<unsigned>(i) * 8;
        const unsigned kept = bits > before ? std::min(bits - before, 8u) : 0u;
        address[i] = static_cast<std::uint8_t>(address[i] & (0xff00u >> kept));
    }
    return address;
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    Network network{{}, 128};
    unsigned most = 128;
    std::array<std::uint8_t, 4> ipv4{};
    if (inet_pton(AF_INET, address.c_str(), ipv4.data()) == 1) {
        network.address = mapped(ipv4.data());
        most = 32;
    } else if (inet_pton(AF_INET6, address.c_str(), network.address.data()) != 1) {
        return std::nullopt;
    }
    if (slash != std::string_view::npos) {
        const auto bits = parse_bits(text.substr(slash + 1), most);
        if (!bits) return std::nullopt;
        network.bits = *bits + (128 - most);
    }
    if (prefix_of(network.address, network.bits) != network.address) return std::nullopt;
    return network;
}

}  // namespace postern::ratelimit
