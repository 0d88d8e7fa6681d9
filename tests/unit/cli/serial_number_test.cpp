#include "core/cli/serial_number.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

BOOST_AUTO_TEST_SUITE(serial_number)

BOOST_AUTO_TEST_CASE(serials_are_made_positive_and_minimal) {
    BOOST_TEST(to_hex(taken(parse_serial("--serial", "7f"))) == "7f");
    BOOST_TEST(to_hex(taken(parse_serial("--serial", "00:00:AB:12"))) == "00ab12");
    BOOST_TEST(to_hex(taken(parse_serial("--serial", "1"))) == "01");
    BOOST_TEST(serial_text(taken(parse_serial("--serial", "00ab12"))) == "ab12");
}

BOOST_AUTO_TEST_CASE(zero_too_long_and_no_number_are_refused) {
    for (const char* text :
         {"", "0", "00:00", "xyz", "-1", "0x12", "ff00000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000ff"})
        BOOST_TEST(!parse_serial("--serial", text), text);
}

BOOST_AUTO_TEST_SUITE_END()
