// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace postern::ratelimit {
namespace {

constexpr const char* kNotYet = "is not supported yet in this version";
constexpr std::int64_t kMostConnections = 100'000;
constexpr std::chrono::hours kLongestWindow(24);

std::vector<Network> read_networks(const sdk::Config& config, std::string_view key) {
    std::vector<Network> out;
    for (const std::string& text : config.strings(key)) {
        const auto network = parse_network(text);
        if (!network) {
            config.fail(key, "\"" + text +
                                 "\" is no network: expected e.g. \"10.0.0.0/8\", without bits "
                                 "set behind the prefix");
        }
        out.push_back(*network);
    }
    return out;
}

// Known keys that nothing is done about yet: their default is harmless, anything else would be a
// promise that is not kept.
void refuse_what_is_not_served(const sdk::Config& config) {
    for (const char* key : {"max_concurrent_per_ip", "max_failed_handshakes_per_ip"}) {
        if (config.integer(key, 0) != 0) config.fail(key, kNotYet);
    }
    if (!config.tables("per_identity").empty()) config.fail("per_identity", kNotYet);
    if (!config.string("shared_store", "").empty()) config.fail("shared_store", kNotYet);
    if (config.choice("shared_store_failure", {"local", "deny", "allow"}) != "local") {
        config.fail("shared_store_failure", kNotYet);
    }
}

}  // namespace

bool Settings::is_exempt(const AddressKey& address) const noexcept {
    return std::any_of(exempt.begin(), exempt.end(),
                       [&](const Network& network) { return network.contains(address); });
}

Settings read_settings(const sdk::Config& config) {
    Settings settings;
    settings.limit.connections = static_cast<std::uint32_t>(
        config.integer("max_connections_per_ip", 50, 0, kMostConnections));
    const auto window = config.duration("window", std::chrono::seconds(60));
    if (window < std::chrono::milliseconds(1) || window > kLongestWindow) {
        config.fail("window", "must be between \"1ms\" and \"24h\"");
    }
    settings.limit.window_ns = static_cast<std::uint64_t>(window.count());
    settings.ipv4_prefix = static_cast<unsigned>(config.integer("ipv4_prefix", 32, 0, 32));
    settings.ipv6_prefix = static_cast<unsigned>(config.integer("ipv6_prefix", 64, 0, 128));
    settings.exempt = read_networks(config, "exempt");
    refuse_what_is_not_served(config);
    return settings;
}

void add_to_digest(const Settings& settings, sdk::Digest& digest) {
    digest.add("max_connections_per_ip", std::int64_t{settings.limit.connections});
    digest.add("window_ns", static_cast<std::int64_t>(settings.limit.window_ns));
    digest.add("ipv4_prefix", std::int64_t{settings.ipv4_prefix});
    digest.add("ipv6_prefix", std::int64_t{settings.ipv6_prefix});
    for (const Network& network : settings.exempt) {
        digest.add("exempt", sdk::Bytes(network.address));
        digest.add("exempt_bits", std::int64_t{network.bits});
    }
}

}  // namespace postern::ratelimit
