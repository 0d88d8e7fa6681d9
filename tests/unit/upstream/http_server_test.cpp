#include "core/upstream/http/server.h"

#include <boost/test/unit_test.hpp>

using postern::upstream::rewrite_target;

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_AUTO_TEST_CASE(the_url_path_takes_the_place_of_the_route_path) {
    BOOST_TEST(rewrite_target("/mcp", "/mcp", "/srv") == "/srv");
    BOOST_TEST(rewrite_target("/mcp/x?y=/mcp", "/mcp", "/srv") == "/srv/x?y=/mcp");
    BOOST_TEST(rewrite_target("/mcp/", "/mcp", "/srv/") == "/srv/");
    BOOST_TEST(rewrite_target("/mcp", "/mcp", "/srv/") == "/srv/");
    BOOST_TEST(rewrite_target("/mcp?a", "/mcp", "/") == "/?a");
    BOOST_TEST(rewrite_target("/", "/", "/srv") == "/srv");
    BOOST_TEST(rewrite_target("/x", "/", "/srv") == "/srv/x");
    BOOST_TEST(rewrite_target("/x", "/", "/") == "/x");
    BOOST_TEST(rewrite_target("/a/b", "/a/", "/") == "/b");
}

BOOST_AUTO_TEST_CASE(a_well_known_part_stays_before_the_path) {
    using postern::upstream::rewrite_well_known;
    const std::string at = "/.well-known/oauth-protected-resource";
    BOOST_TEST(rewrite_well_known(at + "/mcp", at.size(), "/mcp", "/srv") == at + "/srv");
    BOOST_TEST(rewrite_well_known(at + "/mcp/x?y", at.size(), "/mcp", "/srv/") == at + "/srv/x?y");
    BOOST_TEST(rewrite_well_known(at + "/mcp?y", at.size(), "/mcp", "/") == at + "?y");
    BOOST_TEST(rewrite_well_known(at + "/mcp/x", at.size(), "/mcp", "/") == at + "/x");
    BOOST_TEST(rewrite_well_known(at + "/x", at.size(), "/", "/srv") == at + "/srv/x");
    for (const std::string bare : {"", "/"}) {
        BOOST_TEST(rewrite_well_known(at + bare, at.size(), "/mcp", "/srv") == at);
        BOOST_TEST(rewrite_well_known(at + bare + "?y", at.size(), "/mcp", "/srv") == at + "?y");
    }
}

BOOST_AUTO_TEST_CASE(addresses_are_resolved_and_named) {
    const auto server = postern::upstream::resolve_server({"http://[::1]:80/", "::1", 80, "/"});
    BOOST_REQUIRE(server.ok());
    BOOST_TEST((*server)->authority == "[::1]");
    BOOST_TEST((*server)->addresses.size() == 1u);
    const auto bad = postern::upstream::resolve_server({"http://a..b/", "a..b", 80, "/"});
    BOOST_REQUIRE(!bad.ok());
    BOOST_TEST(bad.error().message.find("upstream http://a..b/: the host cannot be resolved") ==
               0u);
}

BOOST_AUTO_TEST_SUITE_END()
