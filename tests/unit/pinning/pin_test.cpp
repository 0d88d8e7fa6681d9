#include "plugins/pinning/pin.h"

#include <boost/test/unit_test.hpp>

#include "core/cli/pin_line.h"

using namespace postern;
using pinning::parse_pin;
using pinning::Pin;
using pinning::pin_text;

namespace {

constexpr const char* kPin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const std::string kOf384 =
    "sha384/OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
const std::string kOf512 =
    "sha512/z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/"
    "SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";

const std::string kSpellings[] = {
    kPin,
    "cert-" + std::string(kPin),
    kOf384,
    kOf512,
    "cert-" + kOf512,
    std::string(kPin) + " expires=2027-01-31T23:59:59Z",
    std::string(kPin) + " for=dn:CN=MCP%20Server",
    std::string(kPin) + " expires=9999-12-31T23:59:59Z for=host:[::1]",
    std::string(kPin) + " for=%00%25%23%C3%A4",
};

const std::string kRefused[] = {
    "",
    "sha256/",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha1/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "SHA256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha384/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU==",
    "sha256/47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF===",
    "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
    " " + std::string(kPin),
    "cert-cert-" + std::string(kPin),
    "key-" + std::string(kPin),
    std::string(kPin) + " until=2027-01-31T00:00:00Z",
    std::string(kPin) + " expires",
    std::string(kPin) + " expires=",
    std::string(kPin) + " expires=2027-01-31",
    std::string(kPin) + " expires=2027-02-30T00:00:00Z",
    std::string(kPin) + " expires=2027-01-31T00:00:60Z",
    std::string(kPin) + " expires=2027-01-31t00:00:00z",
    std::string(kPin) + " expires=2027-01-31T00:00:00+01:00",
    std::string(kPin) + " expires=1969-12-31T23:59:59Z",
    std::string(kPin) + " expires=2027-01-31T00:00:00Z expires=2027-01-31T00:00:00Z",
    std::string(kPin) + " for=",
    std::string(kPin) + " for=%4",
    std::string(kPin) + " for=%2f",
    std::string(kPin) + " for=a for=b",
    std::string(kPin) + " for=\xc3\xa4",
    std::string(kPin) + " for=" + std::string(1025, 'a'),
};

bool is_refused(const std::string& text) {
    try {
        static_cast<void>(parse_pin(text));
        return false;
    } catch (const sdk::Error&) {
        return true;
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pin)

BOOST_AUTO_TEST_CASE(a_pin_reads_back_as_it_was_written) {
    for (const std::string& text : kSpellings) BOOST_CHECK_EQUAL(pin_text(parse_pin(text)), text);
    const Pin pin = parse_pin(std::string(kPin) + "\t for=a%20b  expires=2027-01-31T00:00:00Z");
    BOOST_CHECK_EQUAL(pin.name, "a b");
    BOOST_CHECK_EQUAL(pin.expires, 1801353600);
    BOOST_CHECK_EQUAL(parse_pin(kOf384).algorithm, POSTERN_DIGEST_SHA384);
    BOOST_CHECK(parse_pin("cert-" + kOf512).subject == pinning::Subject::certificate);
}

BOOST_AUTO_TEST_CASE(the_digest_of_nothing_has_its_known_pin) {
    BOOST_CHECK_EQUAL(sdk::hex(sdk::Bytes(parse_pin(kPin).digest)),
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_AUTO_TEST_CASE(any_other_spelling_is_refused) {
    for (const std::string& text : kRefused) {
        BOOST_TEST_CONTEXT(text) BOOST_CHECK(is_refused(text));
    }
}

// The plugin includes nothing of core, so the form is written twice.
BOOST_AUTO_TEST_CASE(the_command_reads_and_writes_the_same_form) {
    for (const std::string& text : kSpellings) {
        const auto line = cli::parse_pin(text);
        BOOST_REQUIRE(line.ok());
        BOOST_CHECK_EQUAL(line->text(), text);
        const Pin pin = parse_pin(text);
        BOOST_CHECK_EQUAL(line->expires.value_or(pinning::kNever), pin.expires);
        BOOST_CHECK_EQUAL(line->name, pin.name);
        BOOST_CHECK(line->digest == pin.digest);
        BOOST_CHECK_EQUAL(line->whole_certificate, pin.subject == pinning::Subject::certificate);
    }
    for (const std::string& text : kRefused) {
        BOOST_TEST_CONTEXT(text) BOOST_CHECK(!cli::parse_pin(text).ok());
    }
}

BOOST_AUTO_TEST_SUITE_END()
