#include "core/net/http_rules.h"

#include <boost/test/unit_test.hpp>

using namespace postern::net;

BOOST_AUTO_TEST_SUITE(http_rules)

BOOST_AUTO_TEST_CASE(paths_that_can_be_written_in_one_way_pass) {
    for (const auto* path :
         {"/", "/mcp", "/mcp/", "/a/b;v=1/c", "/.well-known/oauth-protected-resource", "/a%20b",
          "/%c3%a4", "/a:b@c", "/..a", "/a..", "/..."}) {
        const auto result = path_of(path);
        BOOST_TEST(result.ok(), path);
        if (result) BOOST_TEST(*result == path);
    }
    BOOST_TEST(*path_of("/a?x=/../%2f&y[]=1|2") == "/a");
}

BOOST_AUTO_TEST_CASE(paths_that_another_server_reads_differently_are_refused) {
    for (const auto* path :
         {"",         "a",       "*",      "//",    "//a",       "/a//b",    "/.",
          "/..",      "/a/../b", "/a/./b", "/a/..", "/%2e%2e/a", "/.%2E/a",  "/..;x/a",
          "/a/.;/b",  "/a%2fb",  "/a%5Cb", "/a\\b", "/a%00",     "/a%0d%0a", "/a%25b",
          "/%61dmin", "/a%",     "/a%2",   "/a%zz", "/a b",      "/a#b",     "/a?b#c",
          "/a?%",     "/a?\"",   "/a<b",   "/\x80", "/a?\xff",   "/a\x7f"}) {
        BOOST_TEST(!path_of(path).ok(), path);
    }
}

BOOST_AUTO_TEST_CASE(hosts_are_stripped_of_port_case_and_brackets) {
    BOOST_TEST(*host_of("A.Example:8443") == "a.example");
    BOOST_TEST(*host_of("a.example.") == "a.example");
    BOOST_TEST(*host_of("[::1]:443") == "::1");
    BOOST_TEST(*host_of("127.0.0.1") == "127.0.0.1");
    for (const auto* host : {"",     ".",      "..",  ":80",  "a:",  "a:0",  "a:65536",
                             "a:+1", "a:80a",  "a b", "a/b",  "a,b", "a@b",  "[::1",
                             "[x]",  "[::1]a", "::1", "a..b", ".a",  "a%2e", "\xc3\xa4"}) {
        BOOST_TEST(!host_of(host).ok(), host);
    }
    BOOST_TEST(!host_of(std::string(254, 'a')).ok());
}

BOOST_AUTO_TEST_SUITE_END()
