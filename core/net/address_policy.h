#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/endpoint.h"
#include "core/base/result.h"

namespace postern::net {

// A block of addresses in CIDR notation.
struct Network {
    Endpoint address{};  // without port and scope
    unsigned prefix = 0;

    [[nodiscard]] bool contains(const Endpoint& endpoint) const;
};

// "10.0.0.0/8", "fd00::/8"; an address alone is a network of one.
[[nodiscard]] Result<Network> parse_network(std::string_view text);

// What keeps an address from being public ("loopback", "private", …), or nothing when it is. IPv4
// within IPv6 (mapped, NAT64, 6to4) is judged as the IPv4 that it reaches.
[[nodiscard]] std::optional<std::string_view> special_use(const Endpoint& endpoint);

// Where a URL that somebody else wrote may lead: to public addresses and to what is allowed by
// name.
class AddressPolicy {
public:
    explicit AddressPolicy(std::vector<Network> allowed) : allowed_(std::move(allowed)) {}

    // Why not, and which entry would allow it; nothing when it may.
    [[nodiscard]] std::optional<std::string> refusal(const Endpoint& endpoint) const;

private:
    std::vector<Network> allowed_;
};

}  // namespace postern::net
