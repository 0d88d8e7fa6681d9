#include "core/gate/route_standing.h"

#include <set>
#include <variant>

#include "core/config/print_upstream.h"

namespace postern::gate {
namespace {

// Who may speak for an https server is judged anew at a reload, connection by connection; here only
// where the route leads counts.
std::string key_of(const std::string& listener, const config::Route& route) {
    config::TomlWriter writer;
    writer.string("listener", listener);
    writer.string("route", route.name);
    writer.string("host", route.host);
    writer.string("path", route.path);
    if (const auto* http = std::get_if<config::Http>(&route.upstream)) {
        for (const config::Url& url : http->urls) writer.string("url", url.text);
    } else {
        config::print_upstream(writer, route.upstream);
    }
    return writer.take();
}

}  // namespace

std::shared_ptr<const RouteStanding> RouteStandings::of(const std::string& listener,
                                                        const config::Route& route) {
    std::weak_ptr<RouteStanding>& known = standings_[key_of(listener, route)];
    std::shared_ptr<RouteStanding> standing = known.lock();
    if (!standing) known = standing = std::make_shared<RouteStanding>();
    return standing;
}

void RouteStandings::keep_only(const config::Configuration& configuration) {
    std::set<std::string> kept;
    for (const config::Listener& listener : configuration.listeners) {
        for (const config::Route& route : listener.routes) {
            kept.insert(key_of(listener.name, route));
        }
    }
    std::erase_if(standings_, [&](const auto& entry) {
        if (kept.contains(entry.first)) return false;
        if (const auto standing = entry.second.lock())
            standing->end(configuration.drain_timeout_ns);
        return true;
    });
}

}  // namespace postern::gate
