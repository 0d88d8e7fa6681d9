#include "core/base/bytes.h"

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(hex_goes_there_and_back) {
    const Bytes value{0x00, 0x7f, 0xff, 0xa5};
    BOOST_TEST(to_hex(value) == "007fffa5");
    BOOST_TEST((from_hex("007FffA5") == value));
    BOOST_TEST((from_hex("") == Bytes{}));
}

BOOST_AUTO_TEST_CASE(what_is_not_hex_is_refused) {
    for (const char* text : {"0", "0g", "00 0", "0x00", "00\n", "a:b0"}) {
        BOOST_TEST(!from_hex(text).has_value(), text);
    }
    BOOST_TEST(!from_hex(std::string_view("0\0", 2)).has_value());
}

BOOST_AUTO_TEST_CASE(base64_gives_the_vectors_of_rfc_4648) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [raw, encoded] : vectors) {
        BOOST_TEST(to_base64(as_bytes(raw)) == encoded);
        const auto decoded = from_base64(encoded);
        BOOST_REQUIRE(decoded.has_value());
        BOOST_TEST(as_text(*decoded) == raw);
    }
}

BOOST_AUTO_TEST_CASE(base64_of_many_bytes_has_no_line_breaks) {
    const Bytes value(1000, 0xfb);
    const std::string text = to_base64(value);
    BOOST_TEST(text.size() == 1336u);
    BOOST_TEST(text.find('\n') == std::string::npos);
    BOOST_TEST((from_base64(text) == value));
}

BOOST_AUTO_TEST_CASE(a_value_has_one_base64_text_only) {
    for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n",
                             " Zg==", "Zg==Zg==", "====", "Z===", "Zm-_", "Zm9v!", "A=B="}) {
        BOOST_TEST(!from_base64(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
