#include "core/cli/printable.h"

#include <boost/test/unit_test.hpp>

using namespace postern::cli;

BOOST_AUTO_TEST_SUITE(printable_text)

BOOST_AUTO_TEST_CASE(letters_of_any_script_stay) {
    BOOST_TEST(printable("CN=Zürich 東京 🔑") == "CN=Zürich 東京 🔑");
    BOOST_TEST(is_printable("Zürich"));
}

BOOST_AUTO_TEST_CASE(what_a_terminal_obeys_is_escaped) {
    BOOST_TEST(printable("a\x1b[2Jb\n\x7f") == "a\\x1b[2Jb\\x0a\\x7f");
    BOOST_TEST(printable("\xc2\x9b") == "\\xc2\\x9b");           // C1 CSI
    BOOST_TEST(printable("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // right-to-left override
    BOOST_TEST(!is_printable("a\nb"));
}

BOOST_AUTO_TEST_CASE(malformed_utf8_is_escaped) {
    BOOST_TEST(printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong
    BOOST_TEST(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
    BOOST_TEST(printable("\xe6\x9d") == "\\xe6\\x9d");           // cut short
    BOOST_TEST(printable("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
}

BOOST_AUTO_TEST_SUITE_END()
