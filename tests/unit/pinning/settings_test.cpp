#include <boost/test/unit_test.hpp>

#include "tests/unit/pinning/pinning_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

constexpr const char* kPin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings, PinningFixture)

BOOST_AUTO_TEST_CASE(every_key_of_the_readme_is_asked_for) {
    const std::string path = directory.write("a.pem", tls::test::issue({}).pem());
    BOOST_REQUIRE_EQUAL(configure({{"pinned_certificates", FakeNode::array({path})},
                                   {"pins", FakeNode::array({kPin})},
                                   {"storage_path", directory.file("elsewhere")},
                                   {"first_use", "off"},
                                   {"require_exact_certificate_match", false}}),
                        POSTERN_OK);
    BOOST_CHECK(pinning().configuration().unknown_keys().empty());
}

BOOST_AUTO_TEST_CASE(no_pin_at_all_is_an_error_that_says_where_it_looked) {
    BOOST_CHECK_EQUAL(configure(), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(
        pinning().first_error(),
        "there is no pin: 0 in pins, 0 in pinned_certificates, 0 in " + directory.file("pins"));
}

BOOST_AUTO_TEST_CASE(no_pin_is_no_error_where_first_uses_bring_some) {
    BOOST_CHECK_EQUAL(configure({{"first_use", "pin"}}), POSTERN_OK);
    BOOST_CHECK_EQUAL(configure({{"first_use", "approve"}}), POSTERN_OK);
    BOOST_CHECK_EQUAL(configure({{"first_use", "always"}}), POSTERN_E_CONFIG);
}

BOOST_AUTO_TEST_CASE(a_set_that_has_expired_as_a_whole_is_an_error) {
    const std::string old = std::string(kPin) + " expires=2027-01-01T00:00:00Z";
    BOOST_CHECK_EQUAL(configure({{"pins", FakeNode::array({old})}}), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(pinning().first_error().find("every pin has expired"), 0u);
}

BOOST_AUTO_TEST_CASE(one_malformed_pin_refuses_the_whole_list) {
    BOOST_CHECK_EQUAL(configure({{"pins", FakeNode::array({kPin, "sha256/x"})}}), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(
        pinning().first_error().find("pins: pins has as entry 2: \"sha256/x\" is no pin"), 0u);
}

BOOST_AUTO_TEST_CASE(a_pin_of_a_key_cannot_stand_for_a_whole_certificate) {
    BOOST_CHECK_EQUAL(
        configure({{"pins", FakeNode::array({kPin})}, {"require_exact_certificate_match", true}}),
        POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure({{"pins", FakeNode::array({"cert-" + std::string(kPin)})},
                                 {"require_exact_certificate_match", true}}),
                      POSTERN_OK);
    store("keys", kPin);
    BOOST_CHECK_EQUAL(configure({{"require_exact_certificate_match", true}}), POSTERN_E_CONFIG);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_an_error_at_its_key) {
    BOOST_CHECK_EQUAL(configure({{"pins", FakeNode::array({kPin})},
                                 {"pinned_certificates", FakeNode::array({"absent.pem"})}}),
                      POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(pinning().first_error(),
                      "pinned_certificates: pinned_certificates names /config/absent.pem: there is "
                      "no such file");
    store("junk", "junk");
    BOOST_CHECK_EQUAL(configure({{"pins", FakeNode::array({kPin})}}), POSTERN_E_CONFIG);
}

BOOST_AUTO_TEST_CASE(a_store_that_is_not_there_is_no_error_beside_other_pins) {
    BOOST_CHECK_EQUAL(configure({{"pins", FakeNode::array({kPin})}}), POSTERN_OK);
}

BOOST_AUTO_TEST_CASE(hidden_files_and_folders_in_the_store_are_left_alone) {
    store("a", kPin);
    store(".a.tmp", "half");
    store("folder/b", "junk");
    BOOST_CHECK_EQUAL(configure(), POSTERN_OK);
}

BOOST_AUTO_TEST_SUITE_END()
