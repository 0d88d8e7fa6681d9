#include "core/gate/route_table.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace postern::gate {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/";
constexpr std::array<std::string_view, 3> kOfTheOrigin{
    "oauth-protected-resource", "oauth-authorization-server", "openid-configuration"};

// True when `path` is `prefix` or lies below it, by whole segments.
bool lies_below(std::string_view path, std::string_view prefix) {
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (!path.starts_with(prefix)) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/';
}

bool serves_host(const config::Route& route, std::string_view host) {
    return route.host.empty() || route.host == host;
}

bool is_http(const config::Route& route) {
    return std::holds_alternative<config::Http>(route.upstream);
}

// The length of "/.well-known/NAME" at the start of a path, for the names above; else 0.
std::size_t well_known_prefix(std::string_view path) {
    if (!path.starts_with(kWellKnown)) return 0;
    for (const std::string_view name : kOfTheOrigin) {
        const std::size_t length = kWellKnown.size() + name.size();
        if (path.substr(kWellKnown.size(), name.size()) == name &&
            (path.size() == length || path[length] == '/')) {
            return length;
        }
    }
    return 0;
}

}  // namespace

RouteTable::RouteTable(std::vector<RouteTargetRef> routes) : routes_(std::move(routes)) {
    std::stable_sort(routes_.begin(), routes_.end(), [](const auto& left, const auto& right) {
        if (left->route.path.size() != right->route.path.size()) {
            return left->route.path.size() > right->route.path.size();
        }
        return !left->route.host.empty() && right->route.host.empty();
    });
}

RouteTable::Place RouteTable::find(std::string_view host, std::string_view path) const {
    RouteTargetRef target = by_path(host, path);
    const bool well_known = path.find(kWellKnown) != std::string_view::npos;
    if (!well_known) return {std::move(target), 0};
    // A route may be configured for such a path itself.
    const bool its_own = target && target->route.path.starts_with("/.well-known");
    const std::size_t prefix = its_own ? 0 : well_known_prefix(path);
    if (prefix > 0) {
        const std::string_view behind = path.substr(prefix);
        target = behind.size() > 1 ? by_path(host, behind) : at_origin(host);
    }
    if (!target || !is_http(target->route)) return {};
    return {std::move(target), prefix};
}

RouteTargetRef RouteTable::by_path(std::string_view host, std::string_view path) const {
    for (const RouteTargetRef& target : routes_) {
        if (serves_host(target->route, host) && lies_below(path, target->route.path)) return target;
    }
    return nullptr;
}

RouteTargetRef RouteTable::at_origin(std::string_view host) const {
    RouteTargetRef best;
    for (const RouteTargetRef& target : routes_) {
        const config::Route& route = target->route;
        if (!is_http(route) || !serves_host(route, host)) continue;
        const bool better =
            !best || (best->route.host.empty() && !route.host.empty()) ||
            (best->route.host == route.host && route.path.size() < best->route.path.size());
        if (better) best = target;
    }
    return best;
}

}  // namespace postern::gate
