#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string with(std::string_view lines) {
    return smallest("kind = \"builtin\"", lines);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_upstream_)

BOOST_AUTO_TEST_CASE(an_upstream_is_built_in_or_reached_over_http) {
    BOOST_TEST(std::holds_alternative<Builtin>(
        loaded(smallest()).configuration->listeners[0].routes[0].upstream));
    const Loaded result =
        loaded(with("kind = 'http'\nurls = ['http://127.0.0.1:3000/mcp', 'http://[::1]:3001']"));
    BOOST_REQUIRE(result.configuration.has_value());
    const auto& http = std::get<Http>(result.configuration->listeners[0].routes[0].upstream);
    BOOST_REQUIRE(http.urls.size() == 2u);
    BOOST_TEST(http.urls[0].text == "http://127.0.0.1:3000/mcp");
    BOOST_TEST(http.urls[1].port == 3001);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_said) {
    BOOST_TEST(has(errors_of(with("")), "kind is missing"));
    BOOST_TEST(has(errors_of(with("kind = 'http'")), "urls is missing"));
    BOOST_TEST(has(errors_of(with("kind = 'http'\nurls = []")), "urls: is missing"));
    BOOST_TEST(has(errors_of(smallest("[listener.route.upstream]\nkind = \"builtin\"", "")),
                   "upstream is missing"));
}

BOOST_AUTO_TEST_CASE(keys_of_another_kind_are_refused) {
    BOOST_TEST(has(errors_of(with("kind = 'builtin'\nurls = ['http://x/']")),
                   "it belongs to kind = \"http\""));
    BOOST_TEST(
        has(errors_of(with("kind = 'builtin'\nuser = 'x'")), "it belongs to kind = \"stdio\""));
    BOOST_TEST(has(errors_of(with("kind = 'stdio'\ncommand = ['x']\nurls = ['http://x/']")),
                   "it belongs to kind = \"http\""));
    BOOST_TEST(has(errors_of(with("kind = 'htp'")), "did you mean \"http\"?"));
    BOOST_TEST(has(errors_of(with("kind = 'http'\nurls = ['http://x/', 'x']")),
                   "urls[1]: \"x\" is not such a URL"));
}

BOOST_AUTO_TEST_SUITE_END()
