#include "core/gate/host_check.h"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>

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

// What may follow a host: nothing, or ":" and digits.
bool is_port_part(std::string_view text) {
    if (text.empty()) return true;
    return text.size() > 1 && text.size() <= 6 && text.front() == ':' &&
           text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// The host of "scheme://host[:port]", or empty.
std::string_view origin_host(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos) return {};
    std::string_view rest = origin.substr(scheme + 3);
    if (rest.empty() || rest.find_first_of("/?#@\\ ") != std::string_view::npos) return {};
    if (rest.front() == '[') {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos || !is_port_part(rest.substr(end + 1))) return {};
        return rest.substr(1, end - 1);
    }
    const std::size_t end = std::min(rest.find(':'), rest.size());
    return is_port_part(rest.substr(end)) ? rest.substr(0, end) : std::string_view();
}

bool has_any(const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), "*") != list.end();
}

}  // namespace

HostCheck::HostCheck(const config::Listener& listener, std::vector<std::string> server_names)
    : hosts_(listener.allowed_hosts.empty() ? std::move(server_names) : listener.allowed_hosts),
      origins_(listener.allowed_origins),
      loopback_(listener.allowed_hosts.empty()),
      any_host_(has_any(listener.allowed_hosts)),
      any_origin_(has_any(listener.allowed_origins)) {}

bool HostCheck::host_allowed(std::string_view host, std::string_view field) const {
    if (any_host_) return true;
    host = without_brackets(host);
    if (loopback_ && is_loopback(host)) return true;
    return std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& allowed) {
        return matches(without_brackets(allowed), host) || net::equal_ignoring_case(allowed, field);
    });
}

bool HostCheck::originless_allowed(std::string_view fetch_site) const {
    return !any_host_ || any_origin_ || fetch_site.empty() ||
           net::equal_ignoring_case(fetch_site, "none");
}

bool HostCheck::origin_allowed(std::string_view origin, std::string_view host) const {
    if (any_origin_) return true;
    if (!origins_.empty()) {
        return std::any_of(origins_.begin(), origins_.end(), [&](const std::string& allowed) {
            return net::equal_ignoring_case(allowed, origin);
        });
    }
    const std::string_view from = origin_host(origin);
    if (from.empty()) return false;
    return is_loopback(from) ||
           (!any_host_ && net::equal_ignoring_case(from, without_brackets(host)));
}

}  // namespace postern::gate
