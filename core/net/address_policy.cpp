#include "core/net/address_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace postern::net {
namespace {

struct Block {
    std::array<std::uint8_t, 6> start;  // its leading octets; the rest is zero
    unsigned prefix;
    std::string_view use;
};

// IANA's special-purpose registries, RFC 6890.
constexpr std::array<Block, 15> kIpv4Blocks{{
    {{0}, 8, "unspecified"},
    {{10}, 8, "private"},
    {{100, 64}, 10, "carrier-grade NAT"},
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{172, 16}, 12, "private"},
    {{192, 0, 0}, 24, "reserved"},
    {{192, 0, 2}, 24, "documentation"},
    {{192, 88, 99}, 24, "reserved"},
    {{192, 168}, 16, "private"},
    {{198, 18}, 15, "benchmarking"},
    {{198, 51, 100}, 24, "documentation"},
    {{203, 0, 113}, 24, "documentation"},
    {{224}, 4, "multicast"},
    {{240}, 4, "reserved"},
}};
constexpr std::array<Block, 8> kIpv6Blocks{{
    {{0xfc}, 7, "unique local"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xff}, 8, "multicast"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x20, 0x01, 0x00}, 23, "reserved"},  // Teredo, benchmarking, ORCHID
    {{0x3f, 0xff, 0x00}, 20, "documentation"},
    {{0x5f, 0x00}, 16, "reserved"},
    {{0xfe, 0xc0}, 10, "site-local"},
}};

bool same_prefix(const std::uint8_t* left, const std::uint8_t* right, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (std::memcmp(left, right, whole) != 0) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((left[whole] ^ right[whole]) >> (8 - rest)) == 0;
}

template <std::size_t count>
std::optional<std::string_view> find_block(const std::array<Block, count>& blocks,
                                           const std::uint8_t* address) {
    for (const Block& block : blocks) {
        std::array<std::uint8_t, 16> start{};
        std::copy(block.start.begin(), block.start.end(), start.begin());
        if (same_prefix(address, start.data(), block.prefix)) return block.use;
    }
    return std::nullopt;
}

std::optional<std::string_view> special_use_ipv6(const std::uint8_t* address) {
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr std::array<std::uint8_t, 12> kNat64{0x00, 0x64, 0xff, 0x9b};
    constexpr std::array<std::uint8_t, 2> k6to4{0x20, 0x02};
    constexpr std::array<std::uint8_t, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};
    if (std::memcmp(address, kLoopback.data(), 16) == 0) return "loopback";
    if (same_prefix(address, kMapped.data(), 96) || same_prefix(address, kNat64.data(), 96)) {
        return find_block(kIpv4Blocks, address + 12);
    }
    if (same_prefix(address, k6to4.data(), 16)) return find_block(kIpv4Blocks, address + 2);
    if (const auto use = find_block(kIpv6Blocks, address)) return use;
    // RFC 4291 section 2.4; only 2000::/3 is handed out as global unicast.
    if ((address[0] & 0xe0) != 0x20) return "not global unicast";
    return std::nullopt;
}

}  // namespace

bool Network::contains(const Endpoint& endpoint) const {
    return endpoint.family == address.family && same_prefix(endpoint.addr, address.addr, prefix);
}

Result<Network> parse_network(std::string_view text) {
    const auto slash = std::min(text.find('/'), text.size());
    const std::string address(text.substr(0, slash));
    Network network;
    if (inet_pton(AF_INET, address.c_str(), network.address.addr) == 1) {
        network.address.family = POSTERN_AF_INET;
        network.prefix = 32;
    } else if (inet_pton(AF_INET6, address.c_str(), network.address.addr) == 1) {
        network.address.family = POSTERN_AF_INET6;
        network.prefix = 128;
    } else {
        return configuration_error("\"" + std::string(text) +
                                   "\" is not a network like 10.0.0.0/8");
    }
    if (slash == text.size()) return network;
    const std::string_view digits = text.substr(slash + 1);
    unsigned prefix = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix > network.prefix) {
        return configuration_error("\"" + std::string(text) +
                                   "\" has a prefix length that is not 0 to " +
                                   std::to_string(network.prefix));
    }
    network.prefix = prefix;
    return network;
}

std::optional<std::string_view> special_use(const Endpoint& endpoint) {
    if (endpoint.family == POSTERN_AF_INET) return find_block(kIpv4Blocks, endpoint.addr);
    if (endpoint.family == POSTERN_AF_INET6) return special_use_ipv6(endpoint.addr);
    return "not an IP address";
}

std::optional<std::string> AddressPolicy::refusal(const Endpoint& endpoint) const {
    const auto use = special_use(endpoint);
    if (!use) return std::nullopt;
    const bool allowed = std::any_of(allowed_.begin(), allowed_.end(), [&](const Network& network) {
        return network.contains(endpoint);
    });
    if (allowed) return std::nullopt;
    const std::string address = address_text(endpoint);
    return "the address " + address + " is " + std::string(*use) + "; to allow it, add \"" +
           address.substr(0, address.find('%')) +
           (endpoint.family == POSTERN_AF_INET ? "/32" : "/128") + "\" to allowed_addresses";
}

}  // namespace postern::net
