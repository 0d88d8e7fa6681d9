#include "core/base/authority.h"

#include <boost/test/unit_test.hpp>

#include "core/base/in_quotes.h"

using namespace postern;

BOOST_AUTO_TEST_SUITE(authority)

BOOST_AUTO_TEST_CASE(hosts_have_one_form) {
    BOOST_TEST(parse_authority("A.Example.").value().text() == "a.example");
    BOOST_TEST(parse_authority("a.example.:08443").value().text() == "a.example:8443");
    BOOST_TEST(parse_authority("[0:0::1]:443").value().text() == "[::1]:443");
    BOOST_TEST(parse_authority("[::1]").value().host == "::1");
    BOOST_TEST(parse_authority("127.0.0.1:1").value().port == 1);
    const std::string_view with_nul("[::1\0]", 6);
    BOOST_TEST(!parse_authority(with_nul).ok());
    for (const char* text :
         {"", ".", "a..b", "a..", ".a", "a b", "a\tb", "a\x7f", "a@b", "a/", "::1", "[::1", "[x]",
          "[::1]x", "a:", "a:0", "a:65536", "a:+1", "*.a"}) {
        BOOST_TEST(!parse_authority(text).ok(), text);
    }
}

BOOST_AUTO_TEST_CASE(origins_have_one_form) {
    BOOST_TEST(parse_origin("HTTPS://App.Example:443").value().text() == "https://app.example");
    BOOST_TEST(parse_origin("http://app.example:443").value().text() == "http://app.example:443");
    BOOST_TEST(parse_origin("Chrome-Extension://abc").value().text() == "chrome-extension://abc");
    for (const char* text : {"", "null", "https://", "://a", "1s://a", "https://a/", "https://a?b",
                             "https://a b", "https://u@a", "a.example", "https://a:x"}) {
        BOOST_TEST(!parse_origin(text).ok(), text);
    }
}

BOOST_AUTO_TEST_CASE(a_long_value_is_quoted_in_part_and_on_one_line) {
    BOOST_TEST(in_quotes("a") == "\"a\"");
    BOOST_TEST(in_quotes("a\nb\x1b") == "\"a?b?\"");
    BOOST_TEST(in_quotes(std::string(64, 'x')) == "\"" + std::string(64, 'x') + "\"");
    BOOST_TEST(in_quotes(std::string(9999, 'x')) == "\"" + std::string(64, 'x') + "…\"");
    BOOST_TEST(in_quotes(std::string(63, 'x') + "éé") == "\"" + std::string(63, 'x') + "…\"");
}

BOOST_AUTO_TEST_SUITE_END()
