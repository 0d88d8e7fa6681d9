#include "core/cli/der_writer.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using namespace postern::cli;

BOOST_AUTO_TEST_SUITE(der_writer)

BOOST_AUTO_TEST_CASE(integers_are_minimal_and_positive) {
    BOOST_TEST(to_hex(der::integer(std::uint64_t{0})) == "020100");
    BOOST_TEST(to_hex(der::integer(std::uint64_t{127})) == "02017f");
    BOOST_TEST(to_hex(der::integer(std::uint64_t{128})) == "02020080");
    BOOST_TEST(to_hex(der::integer(std::uint64_t{256})) == "02020100");
    BOOST_TEST(to_hex(der::integer(~std::uint64_t{0})) == "020900ffffffffffffffff");
}

BOOST_AUTO_TEST_CASE(lengths_take_the_short_form_up_to_127) {
    const Bytes shortest(127), longer(128), longest(65536);
    BOOST_TEST(to_hex(ByteView(der::value(der::Tag::null, shortest)).first(2)) == "057f");
    BOOST_TEST(to_hex(ByteView(der::value(der::Tag::null, longer)).first(3)) == "058180");
    BOOST_TEST(to_hex(ByteView(der::value(der::Tag::null, longest)).first(5)) == "0583010000");
}

BOOST_AUTO_TEST_CASE(object_identifiers_join_the_first_two_arcs) {
    BOOST_TEST(to_hex(der::object_identifier("2.5.29.21")) == "0603551d15");
    BOOST_TEST(to_hex(der::object_identifier("1.2.840.113549.1.1.11")) == "06092a864886f70d01010b");
}

BOOST_AUTO_TEST_CASE(times_change_their_type_in_2050) {
    BOOST_TEST(as_text(ByteView(der::time(2524607999)).subspan(2)) == "491231235959Z");
    BOOST_TEST(der::time(2524607999)[0] == 0x17);
    BOOST_TEST(as_text(ByteView(der::time(2524608000)).subspan(2)) == "20500101000000Z");
    BOOST_TEST(der::time(2524608000)[0] == 0x18);
}

BOOST_AUTO_TEST_SUITE_END()
