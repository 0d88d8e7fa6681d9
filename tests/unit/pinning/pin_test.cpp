#include "plugins/pinning/pin.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using pinning::parse_pin;
using pinning::pin_text;

BOOST_AUTO_TEST_SUITE(pin)

BOOST_AUTO_TEST_CASE(a_pin_reads_back_as_it_was_written) {
    sdk::Sha256 digest{};
    for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(i * 37);
    const auto read = parse_pin(pin_text(digest));
    BOOST_REQUIRE(read);
    BOOST_CHECK(*read == digest);
    BOOST_CHECK_EQUAL(pin_text(sdk::Sha256{}),
                      "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

BOOST_AUTO_TEST_CASE(the_digest_of_nothing_has_its_known_pin) {
    const auto read = parse_pin("sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    BOOST_REQUIRE(read);
    BOOST_CHECK_EQUAL(sdk::hex(*read),
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_AUTO_TEST_CASE(any_other_spelling_is_refused) {
    for (const char* text : {"", "sha256/", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                             "sha1/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                             "SHA256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                             "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                             "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU==",
                             "sha256/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
                             "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF===",
                             "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
                             " sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}) {
        BOOST_CHECK(!parse_pin(text));
    }
}

BOOST_AUTO_TEST_SUITE_END()
