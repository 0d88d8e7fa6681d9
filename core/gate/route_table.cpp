#include "core/gate/route_table.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "core/config/folded_path.h"

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

RouteTable::RouteTable(std::vector<RouteTargetRef> routes) {
    for (RouteTargetRef& target : routes) {
        folded_.push_back({config::folded_path(target->route.path), target});
        plain_.push_back({target->route.path, std::move(target)});
    }
    plain_ = sorted(std::move(plain_));
    folded_ = sorted(std::move(folded_));
}

RouteTable::Ways RouteTable::sorted(Ways ways) {
    std::stable_sort(ways.begin(), ways.end(), [](const Way& left, const Way& right) {
        if (left.path.size() != right.path.size()) return left.path.size() > right.path.size();
        return !left.target->route.host.empty() && right.target->route.host.empty();
    });
    return ways;
}

RouteTable::Place RouteTable::find(std::string_view host, std::string_view path) const {
    Place place = find(plain_, host, path);
    if (!place.target) return {};
    const std::string folded = config::folded_path(path);
    if (folded == path) return place;
    if (folded.empty() || find(folded_, host, folded).target != place.target) return {};
    return place;
}

RouteTable::Place RouteTable::find(const Ways& ways, std::string_view host,
                                   std::string_view path) const {
    RouteTargetRef target = by_path(ways, host, path);
    const bool well_known = path.find(kWellKnown) != std::string_view::npos;
    if (!well_known) return {std::move(target), 0};
    // A route may be configured for such a path itself.
    const bool its_own = target && target->route.path.starts_with("/.well-known");
    const std::size_t prefix = its_own ? 0 : well_known_prefix(path);
    if (prefix > 0) {
        const std::string_view behind = path.substr(prefix);
        target = behind.size() > 1 ? by_path(ways, host, behind) : at_origin(host);
    }
    if (!target || !is_http(target->route)) return {};
    return {std::move(target), prefix};
}

RouteTargetRef RouteTable::by_path(const Ways& ways, std::string_view host, std::string_view path) {
    for (const auto& [prefix, target] : ways) {
        if (serves_host(target->route, host) && lies_below(path, prefix)) return target;
    }
    return nullptr;
}

RouteTargetRef RouteTable::at_origin(std::string_view host) const {
    RouteTargetRef best;
    for (const auto& [path, target] : plain_) {
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
