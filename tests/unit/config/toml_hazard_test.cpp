#include "core/config/toml_hazard.h"

#include <boost/test/unit_test.hpp>

using namespace postern::config;

namespace {

// The line of the first hazard of a kind; 0: there is none, or another comes first.
std::uint32_t line_of(TomlHazard::Kind kind, std::string_view text) {
    const std::optional<TomlHazard> hazard = find_toml_hazard(text, 3);
    return hazard && hazard->kind == kind ? hazard->line : 0;
}

std::uint32_t dots(std::string_view text) {
    return line_of(TomlHazard::Kind::dots, text);
}
std::uint32_t not_ascii(std::string_view text) {
    return line_of(TomlHazard::Kind::not_ascii, text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(toml_hazard)

BOOST_AUTO_TEST_CASE(dots_of_keys_are_counted) {
    BOOST_TEST(dots("a.b.c = 1\n") == 0u);
    BOOST_TEST(dots("x = 1\na.b.c.d = 1\n") == 2u);
    BOOST_TEST(dots("[a.b.c.d]\n") == 1u);
    BOOST_TEST(dots("x = { a.b.c.d = 1 }") == 1u);
    BOOST_TEST(dots("\"a\".'b' . c.d = 1") == 1u);
}

BOOST_AUTO_TEST_CASE(dots_of_strings_and_comments_are_not) {
    for (const char* text :
         {"a = \"1.2.3.4.5\"", "a = '1.2.3.4.5'", "# 1.2.3.4.5\n", "a = \"\\\"1.2.3.4.5\"",
          "a = \"\"\"\n1.2.3\"4.5\n\"\"\"", "a = '''\n1.2.3'4.5\n'''", "a = [1.5, 2.5, 3.5, 4.5]",
          "a = \"\"\"x\"\"\"\"\" # 1.2.3.4\n", "\"a.b.c.d.e\" = 1"}) {
        BOOST_TEST(dots(text) == 0u, text);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_ascii_belongs_into_quotes_and_comments) {
    BOOST_TEST(not_ascii("\xef\xbb\xbf"
                         "a = \"M\xc3\xbcller\" # M\xc3\xbcller\n") == 0u);
    BOOST_TEST(not_ascii("'M\xc3\xbcller' = '''\n\xc3\xbc'''\n") == 0u);
    BOOST_TEST(not_ascii("a = 1\nM\xc3\xbcller = 1\n") == 2u);
    BOOST_TEST(not_ascii("a =\xc2\xa0 1\n") == 1u);
    BOOST_TEST(not_ascii("a = 1 \xef\xbb\xbf\n") == 1u);
}

BOOST_AUTO_TEST_CASE(lines_count_through_strings) {
    BOOST_TEST(dots("a = '''\n\n\n'''\na.b.c.d = 1\n") == 5u);
}

BOOST_AUTO_TEST_CASE(what_never_ends_ends) {
    for (const char* text : {"\"", "'", "\"\"\"", "'''", "\"\\", "#", "\"\"\"\\"}) {
        BOOST_TEST(dots(text) == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
