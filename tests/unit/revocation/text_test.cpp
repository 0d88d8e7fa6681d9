#include "plugins/revocation/text.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/revocation/crl_writer.h"

namespace postern::revocation {
namespace {

using namespace test;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(times_read_as_rfc_3339) {
    BOOST_TEST(time_text(0) == "1970-01-01T00:00:00Z");
    BOOST_TEST(time_text(-1) == "1969-12-31T23:59:59Z");
    BOOST_TEST(time_text(253'402'300'799) == "9999-12-31T23:59:59Z");
}

BOOST_AUTO_TEST_CASE(names_read_as_rfc_4514) {
    const auto part = [](std::uint8_t last, std::string_view value) {
        return tlv(0x31, sequence(tlv(0x06, {0x55, 0x04, last}) + tlv(0x0c, test::text(value))));
    };
    const Der der = sequence(part(6, "CH") + part(10, "A, B") + part(3, "x"));
    BOOST_TEST(name_text(Bytes(der)) == "CN=x,O=A\\, B,C=CH");
    const Der other = sequence(part(42, "x"));
    BOOST_TEST(name_text(Bytes(other)) == "#55042a=x");
}

BOOST_AUTO_TEST_CASE(what_is_no_name_is_shown_in_hex) {
    const Der der = {0x30, 0x05, 0x01};
    BOOST_TEST(name_text(Bytes(der)) == "#300501");
    BOOST_TEST(name_text(Bytes()) == "#");
}

BOOST_AUTO_TEST_CASE(an_unknown_reason_has_a_name_too) {
    BOOST_TEST(reason_text(1) == std::string("keyCompromise"));
    BOOST_TEST(reason_text(99) == std::string("unknown"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
