#include "core/upstream/registry.h"

#include <memory>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace postern;
using upstream::Registry;
using upstream::Upstreams;

namespace {

struct Fixture {
    WorkerPool pool{1, 16};
    plugin::Environment environment{system_clock(), pool, "/nonexistent/state"};
    plugin::Loader loader{"/nonexistent/plugins"};
    Registry registry{pool, loader, environment};
    std::unique_ptr<net::Loop> loop = std::move(net::Loop::create(0).value());
    std::vector<net::Loop*> loops{loop.get()};
};

config::Route stdio_route(std::string program) {
    config::Route route;
    route.name = "files";
    config::Stdio stdio;
    stdio.command = {std::move(program)};
    stdio.hide_gate_files = false;
    stdio.allow_root = true;
    route.upstream = stdio;
    return route;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(upstream_registry, Fixture)

BOOST_AUTO_TEST_CASE(an_upstream_of_which_nothing_changed_is_handed_on) {
    auto first = std::make_unique<Upstreams>(registry, loops, upstream::GateFiles{});
    const config::Route route = stdio_route("/bin/cat");
    const auto before = first->get("mcp", route);
    BOOST_REQUIRE(before.ok());
    auto second = std::make_unique<Upstreams>(registry, loops, upstream::GateFiles{});
    const auto after = second->get("mcp", route);
    first.reset();
    BOOST_TEST(before->get() == after->get());
    BOOST_TEST(second->get("mcp", route)->get() == after->get());
}

BOOST_AUTO_TEST_CASE(a_change_anywhere_makes_a_new_one) {
    Upstreams upstreams(registry, loops, {});
    const auto before = upstreams.get("mcp", stdio_route("/bin/cat"));
    BOOST_REQUIRE(before.ok());
    const auto differs = [&](const std::string& listener, const config::Route& route) {
        const auto other = upstreams.get(listener, route);
        BOOST_REQUIRE(other.ok());
        return other->get() != before->get();
    };
    BOOST_TEST(differs("other", stdio_route("/bin/cat")));
    BOOST_TEST(differs("mcp", stdio_route("/bin/sh")));
    config::Route slower = stdio_route("/bin/cat");
    slower.request_timeout_ns = 1;
    BOOST_TEST(differs("mcp", slower));
    config::Route argument = stdio_route("/bin/cat");
    std::get<config::Stdio>(argument.upstream).command.emplace_back("-u");
    BOOST_TEST(differs("mcp", argument));
}

BOOST_AUTO_TEST_CASE(another_file_to_hide_leaves_an_upstream_as_it_is) {
    Upstreams upstreams(registry, loops, {});
    const auto before = upstreams.get("mcp", stdio_route("/bin/cat"));
    BOOST_REQUIRE(before.ok());
    Upstreams hidden(registry, loops, {{"/etc/postern/key"}, {}, {}});
    const auto after = hidden.get("mcp", stdio_route("/bin/cat"));
    BOOST_REQUIRE(after.ok());
    BOOST_TEST(after->get() == before->get());
    BOOST_TEST(hidden.start().ok());
}

BOOST_AUTO_TEST_CASE(one_that_no_generation_has_is_forgotten) {
    std::weak_ptr<net::Upstream> weak;
    {
        Upstreams upstreams(registry, loops, {});
        const auto made = upstreams.get("mcp", stdio_route("/bin/cat"));
        BOOST_REQUIRE(made.ok());
        weak = *made;
    }
    BOOST_TEST(weak.expired());
    Upstreams next(registry, loops, {});
    BOOST_TEST(next.get("mcp", stdio_route("/bin/cat")).ok());
}

BOOST_AUTO_TEST_SUITE_END()
