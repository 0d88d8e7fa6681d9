#include "core/gate/route_standing.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {
namespace {

config::Route route(std::string name, std::string url) {
    config::Route out;
    out.name = std::move(name);
    out.path = "/" + out.name;
    config::Http http;
    http.urls.push_back({std::move(url), "a.example", 80, "/", false});
    out.upstream = std::move(http);
    return out;
}

config::Configuration serving(std::vector<config::Route> routes) {
    config::Configuration out;
    out.drain_timeout_ns = 7;
    config::Listener listener;
    listener.name = "mcp";
    listener.routes = std::move(routes);
    out.listeners.push_back(std::move(listener));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(route_standing)

BOOST_AUTO_TEST_CASE(a_route_stands_until_a_configuration_has_it_no_more) {
    RouteStandings standings;
    const auto one = standings.of("mcp", route("a", "http://a.example/"));
    const auto two = standings.of("mcp", route("b", "http://a.example/"));
    BOOST_TEST((standings.of("mcp", route("a", "http://a.example/")) == one));
    config::Route changed = route("a", "http://a.example/");
    changed.request_timeout_ns = 1;
    standings.keep_only(serving({changed, route("b", "http://a.example/")}));
    BOOST_TEST(!one->grace_ns().has_value());
    standings.keep_only(serving({changed}));
    BOOST_TEST(!one->grace_ns().has_value());
    BOOST_TEST(two->grace_ns().value() == 7u);
}

BOOST_AUTO_TEST_CASE(a_route_that_leads_elsewhere_is_another) {
    for (int what = 0; what < 3; ++what) {
        RouteStandings standings;
        const config::Route old = route("a", "http://a.example/");
        const auto standing = standings.of("mcp", old);
        config::Route next = what == 0 ? route("a", "http://b.example/") : old;
        if (what == 1) next.path = "/c";
        if (what == 2) next.host = "c.example";
        const auto new_one = standings.of("mcp", next);
        standings.keep_only(serving({next}));
        BOOST_TEST(standing->grace_ns().has_value());
        BOOST_TEST(!new_one->grace_ns().has_value());
        // Back again: what ended stays so.
        BOOST_TEST((standings.of("mcp", old) != standing));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
