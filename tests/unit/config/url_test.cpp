#include "core/config/url.h"

#include <boost/test/unit_test.hpp>

using namespace postern::config;

BOOST_AUTO_TEST_SUITE(url)

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart) {
    const Url full = parse_http_url("http://mcp.internal:3000/a/mcp").value();
    BOOST_TEST(full.host == "mcp.internal");
    BOOST_TEST(full.port == 3000);
    BOOST_TEST(full.path == "/a/mcp");
    const Url bare = parse_http_url("http://192.0.2.1").value();
    BOOST_TEST(bare.host == "192.0.2.1");
    BOOST_TEST(bare.port == 80);
    BOOST_TEST(bare.path == "/");
    const Url ipv6 = parse_http_url("http://[::1]:3000/mcp").value();
    BOOST_TEST(ipv6.host == "::1");
    BOOST_TEST(ipv6.port == 3000);
    BOOST_TEST(!ipv6.uses_tls);
    const Url over_tls = parse_http_url("https://mcp.example/mcp").value();
    BOOST_TEST(over_tls.uses_tls);
    BOOST_TEST(over_tls.port == 443);
    BOOST_TEST(over_tls.text == "https://mcp.example/mcp");
    BOOST_TEST(parse_http_url("https://[::1]:8443").value().port == 8443);
}

BOOST_AUTO_TEST_CASE(what_could_mean_two_things_is_refused) {
    for (const char* text : {"",
                             "http://",
                             "http:///mcp",
                             "https://",
                             "https:x",
                             "HTTP://x/",
                             "ftp://x/",
                             "http://user@x/",
                             "http://x:0/",
                             "http://x:/",
                             "http://x:65536/",
                             "http://x:1a/",
                             "http://[::1/",
                             "http://[x]/",
                             "http://[::1]3000/",
                             "http://::1/",
                             "http://x/a b",
                             "http://x/a?b",
                             "http://x/a#b",
                             "http://x\r\nHost: y/",
                             "http://x/a\r\nb",
                             "http://x y/",
                             "http://x\\y/",
                             "127.0.0.1:3000",
                             "http://m\xc3\xbcller/"}) {
        BOOST_TEST(!parse_http_url(text).ok(), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
