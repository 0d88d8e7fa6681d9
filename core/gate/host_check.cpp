#include "core/gate/host_check.h"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/base/authority.h"
#include "core/net/http_message.h"

namespace postern::gate {
namespace {

std::string_view without_brackets(std::string_view host) {
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host.remove_prefix(1);
        host.remove_suffix(1);
    }
    return host;
}

// By the parsed address: "127.evil.example" is a name, and may resolve to anything.
bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    in_addr address{};
    return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
           (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
}

// A left-most "*" stands for one label, as in certificates.
bool matches(std::string_view pattern, std::string_view host) {
    if (net::equal_ignoring_case(pattern, host)) return true;
    if (!pattern.starts_with("*.")) return false;
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 &&
           net::equal_ignoring_case(pattern.substr(1), host.substr(dot));
}

bool has_any(const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), "*") != list.end();
}

}  // namespace

HostCheck::HostCheck(const config::Listener& listener, std::vector<std::string> server_names)
    : loopback_(listener.allowed_hosts.empty()),
      any_host_(has_any(listener.allowed_hosts)),
      any_origin_(has_any(listener.allowed_origins)) {
    if (listener.allowed_hosts.empty()) hosts_ = std::move(server_names);
    for (const std::string& text : listener.allowed_hosts) {
        auto allowed = parse_authority(text);
        if (!allowed) continue;
        if (allowed->port == 0) {
            hosts_.push_back(std::move(allowed->host));
        } else {
            places_.push_back(std::move(*allowed));
        }
    }
    for (const std::string& text : listener.allowed_origins) {
        if (auto allowed = parse_origin(text)) origins_.push_back(std::move(*allowed));
    }
    only_origins_ = !listener.allowed_origins.empty();
}

bool HostCheck::host_allowed(std::string_view host, std::string_view field) const {
    if (any_host_) return true;
    host = without_brackets(host);
    if (loopback_ && is_loopback(host)) return true;
    const bool known = std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& allowed) {
        return matches(without_brackets(allowed), host);
    });
    if (known || places_.empty()) return known;
    const auto place = parse_authority(field);
    return place && std::find(places_.begin(), places_.end(), *place) != places_.end();
}

bool HostCheck::originless_allowed(std::string_view fetch_site) const {
    return !any_host_ || any_origin_ || fetch_site.empty() ||
           net::equal_ignoring_case(fetch_site, "none");
}

bool HostCheck::origin_allowed(std::string_view origin, std::string_view host) const {
    if (any_origin_) return true;
    const auto from = parse_origin(origin);
    if (!from) return false;
    if (only_origins_) {
        return std::find(origins_.begin(), origins_.end(), *from) != origins_.end();
    }
    return is_loopback(from->authority.host) ||
           (!any_host_ && net::equal_ignoring_case(from->authority.host, without_brackets(host)));
}

}  // namespace postern::gate
