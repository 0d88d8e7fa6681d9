#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include <arpa/inet.h>
#include <sys/un.h>

#include "core/base/authority.h"
#include "core/base/in_quotes.h"
#include "core/config/folded_path.h"
#include "core/config/path.h"
#include "core/config/readers.h"

namespace postern::config {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::uint64_t kMillisecond = 1'000'000;

bool is_address(const std::string& text) {
    std::array<std::uint8_t, 16> ignored{};
    return ::inet_pton(AF_INET, text.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), ignored.data()) == 1;
}

bool is_loopback(const std::string& address) {
    in_addr ipv4{};
    in6_addr ipv6{};
    if (::inet_pton(AF_INET, address.c_str(), &ipv4) == 1) return (ntohl(ipv4.s_addr) >> 24) == 127;
    if (::inet_pton(AF_INET6, address.c_str(), &ipv6) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127);
}

void read_unix_path(TableReader& table, const std::string& host, Listener& out) {
    if (table.has("port")) table.fail("port", "has no meaning with \"unix:\"; remove it");
    Result<std::string> path = absolute_path(std::string_view(host).substr(kUnix.size()),
                                             table.reading().runtime_directory);
    out.host.clear();
    out.port = 0;
    if (!path) {
        table.fail("host", path.error().message);
    } else if (path->size() >= sizeof(sockaddr_un::sun_path)) {
        table.fail("host", "is too long for a unix socket; it has " + std::to_string(path->size()) +
                               " of at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                               " bytes");
    } else {
        out.unix_path = std::move(*path);
    }
}

void read_address(TableReader& table, Listener& out) {
    std::string host = out.host;
    table.string("host", host);
    if (host.starts_with(kUnix)) {
        read_unix_path(table, host, out);
        return;
    }
    if (is_address(host)) {
        out.host = host;
    } else {
        out.host.clear();
        table.fail("host", in_quotes(host) +
                               " is not an address; write \"127.0.0.1\", \"::\" for all, or "
                               "\"unix:PATH\"");
    }
    std::int64_t port = out.port;
    table.integer("port", port, 0, 65535);
    out.port = static_cast<std::uint16_t>(port);
}

// Into the form that a request's own is compared in. What is wrong is said where it stands.
template <class Parsed>
void read_allowed(TableReader& table, std::string_view key, std::vector<std::string>& out,
                  Result<Parsed> (*parse)(std::string_view), const std::string& wrong) {
    table.strings(key, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] == "*") continue;
        const Result<Parsed> parsed = parse(out[i]);
        if (parsed) {
            out[i] = parsed->text();
        } else {
            table.reading().fail(*table.node().member(key)->element(i),
                                 in_quotes(out[i]) + wrong + ", or \"*\" for any");
        }
    }
}

void read_limits(TableReader& table, Listener& out) {
    std::int64_t connections = out.max_connections;
    table.integer("max_connections", connections, 1, 1'000'000);
    out.max_connections = static_cast<std::uint32_t>(connections);
    table.duration("handshake_timeout", out.handshake_timeout_ns, kMillisecond);
    table.duration("header_timeout", out.header_timeout_ns, kMillisecond);
    table.duration("idle_timeout", out.idle_timeout_ns, kMillisecond);
    table.size("max_header", out.max_header, 1024, 1024 * 1024);
    table.size("max_body", out.max_body, 1024, std::uint64_t{1} << 30);
}

void read_security(TableReader& table, Listener& out) {
    table.boolean("use_tls", out.use_tls);
    const Node* tls = table.table("tls");
    if (!out.use_tls) {
        if (!out.host.empty() && !is_loopback(out.host)) {
            table.fail("use_tls",
                       "is false on an address that others reach; only loopback and unix sockets "
                       "may go without TLS");
        }
        // Rather an error than a client_certificate = "require" that nobody enforces.
        table.refuse("tls", "has no meaning with use_tls = false; remove one of the two");
        return;
    }
    if (!table.has("tls")) {
        table.fail_here("tls is missing; [listener.tls] needs certificate and private_key");
        return;
    }
    if (tls == nullptr) return;
    read_tls({table.reading(), *tls}, out.tls);
    check_trust({table.reading(), *tls}, out);
}

void read_routes(TableReader& table, Listener& out) {
    std::set<std::string> names;
    std::map<std::pair<std::string, std::string>, std::string> places;  // paths by host and fold
    const std::vector<Node::Shared> nodes = table.tables("route");
    for (const Node::Shared& node : nodes) {
        Route route;
        const std::size_t errors = table.reading().errors.size();
        read_route({table.reading(), *node}, route);
        const bool sound = table.reading().errors.size() == errors;
        check_bound_tokens({table.reading(), *node}, route, out);
        if (!route.name.empty() && !names.insert(route.name).second) {
            table.reading().fail(*node,
                                 "name " + in_quotes(route.name) + " is taken by another route");
        }
        if (!sound) {
            out.routes.push_back(std::move(route));
            continue;  // what it has in place of what is wrong is nobody's wish
        }
        const auto [place, first] =
            places.emplace(std::pair(route.host, folded_path(route.path)), route.path);
        if (!first && place->second == route.path) {
            table.reading().fail(*node, "another route has the same host and path");
        } else if (!first) {
            table.reading().fail(*node, "another route of this host has the path " +
                                            in_quotes(place->second) +
                                            ", which servers may read as this one");
        }
        out.routes.push_back(std::move(route));
    }
    if (table.missing("route")) {
        table.fail_here("route is missing; a listener needs at least one [[listener.route]]");
    }
}

}  // namespace

void read_name(TableReader& table, std::string& out) {
    const std::size_t errors = table.reading().errors.size();
    table.string("name", out);
    const bool fits = !out.empty() && out.size() <= 64 &&
                      std::all_of(out.begin(), out.end(), [](unsigned char c) {
                          return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
                      });
    if (!fits) {
        table.fail("name", "is not a name; use up to 64 letters, digits, \".\", \"_\" and \"-\"");
    }
    if (table.reading().errors.size() != errors) out.clear();
}

void read_listener(TableReader table, Listener& out) {
    out.position = table.node().position();
    out.name = "mcp";
    read_name(table, out.name);
    read_address(table, out);
    table.only("proxy_protocol", "off");
    table.only_empty("proxy_protocol_from");
    read_allowed(table, "allowed_hosts", out.allowed_hosts, &parse_authority,
                 " is not a host; write \"mcp.example\", \"mcp.example:8443\" with a port, "
                 "\"[::1]\" with brackets");
    read_allowed(table, "allowed_origins", out.allowed_origins, &parse_origin,
                 " is not an origin; write \"https://app.example\" without a path");
    read_limits(table, out);
    // The pipeline comes first: what TLS asks for depends on whether something pins.
    for (const Node::Shared& node : table.tables("pipeline")) {
        read_pipeline_entry({table.reading(), *node}, out.pipeline.emplace_back());
    }
    read_security(table, out);
    read_routes(table, out);
}

void check_listeners(Reading& reading, const std::vector<Node::Shared>& nodes,
                     const std::vector<Listener>& listeners) {
    std::set<std::string> names;
    std::set<std::string> addresses;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Listener& each = listeners[i];
        if (!each.name.empty() && !names.insert(each.name).second) {
            reading.fail(*nodes[i],
                         "name " + in_quotes(each.name) + " is taken by another listener");
        }
        if (each.host.empty() && each.unix_path.empty()) continue;  // reported already
        const bool kernel_picks = each.unix_path.empty() && each.port == 0;
        const std::string address = each.unix_path.empty()
                                        ? each.host + " port " + std::to_string(each.port)
                                        : each.unix_path;
        if (kernel_picks || addresses.insert(address).second) continue;
        reading.fail(*nodes[i], "another listener is at " + address + " already");
    }
}

}  // namespace postern::config
