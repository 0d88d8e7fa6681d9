#include "core/mcp/header_value.h"

#include <boost/test/unit_test.hpp>

using postern::mcp::decode_header_value;

BOOST_AUTO_TEST_SUITE(header_value)

BOOST_AUTO_TEST_CASE(wrapped_values_are_decoded_and_others_left_alone) {
    BOOST_TEST(decode_header_value("plain").value() == "plain");
    BOOST_TEST(decode_header_value("=?base64?w6Q=?=").value() == "\xc3\xa4");
    BOOST_TEST(decode_header_value("=?BASE64?w6Q=?=").value() == "=?BASE64?w6Q=?=");
    BOOST_TEST(!decode_header_value("=?base64?w6Q?=").has_value());
    BOOST_TEST(!decode_header_value("=?base64?*?=").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
