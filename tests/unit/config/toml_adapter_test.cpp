#include "core/config/toml_adapter.h"

#include <boost/test/unit_test.hpp>

using namespace postern::config;

namespace {

std::string error_of(std::string_view text) {
    const auto document = parse_toml(text, "/x.toml");
    return document.ok() ? "" : document.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(toml_adapter)

BOOST_AUTO_TEST_CASE(a_syntax_error_has_line_and_column) {
    BOOST_TEST(error_of("a = 1\nb = = 2\n").starts_with("/x.toml:2:5: "));
    BOOST_TEST(error_of("a = 1\na = 2\n").starts_with("/x.toml:2:"));
    BOOST_TEST(error_of("a = \"\xff\"\n").starts_with("/x.toml:1:"));
}

BOOST_AUTO_TEST_CASE(an_error_is_one_line_whatever_the_text) {
    for (const char* text : {"a = \"x\ny\"", "\x01", "a\x1b[2J = 1", "= \r\n\r\n"}) {
        const std::string error = error_of(text);
        BOOST_TEST(!error.empty());
        for (const char c : error) BOOST_TEST((static_cast<unsigned char>(c) >= ' '));
    }
}

BOOST_AUTO_TEST_CASE(text_that_breaks_the_parsers_assertions_is_refused) {
    for (const char* text : {"[=]\n", "[[=]]\n", "[.a]\n", "[a.]\n", "[\x01]\n", "a.= 1\n"}) {
        BOOST_TEST(error_of(text).starts_with("/x.toml:"), text);
    }
}

BOOST_AUTO_TEST_CASE(a_quote_inside_a_malformed_value_hides_nothing_from_the_parser) {
    BOOST_TEST(error_of("u=2':=\xef\xbb\xbd.2").starts_with("/x.toml:1:"));
    BOOST_TEST(error_of("n=0p=\"l\x7fgA\xc8\x90").starts_with("/x.toml:1:"));
    BOOST_TEST(error_of("\"\xc3\xa4\" = 1\n\"\xc3\xb6\" = '\xc3\xbc' # \xc3\x9f\n") == "");
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded) {
    const std::string brackets = "a = " + std::string(100000, '[') + std::string(100000, ']');
    BOOST_TEST(!error_of(brackets).empty());
    std::string dots = "a";
    for (int i = 0; i < 100000; ++i) dots += ".a";
    BOOST_TEST(error_of(dots + " = 1\n").find("more than 32 parts") != std::string::npos);
    BOOST_TEST(error_of("[" + dots + "]\n").find("more than 32 parts") != std::string::npos);
    std::string mixed = "a.b.c.d.e.f.g.h = ";
    for (int i = 0; i < 8; ++i) mixed += "{ a.b.c.d.e.f.g.h = ";
    mixed += "1";
    for (int i = 0; i < 8; ++i) mixed += " }";
    BOOST_TEST(error_of(mixed).find("nested too deep") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_time_has_to_say_which_instant_it_is) {
    BOOST_TEST(error_of("t = 2026-11-23T03:04:05Z\n") == "");
    for (const char* text : {"t = 2026-11-23T03:04:05\n", "t = 2026-11-23\n", "t = 03:04:05\n"}) {
        BOOST_TEST(error_of(text).find("offset") != std::string::npos, text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
