#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/unit/validator/validator_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

using Change = std::function<void(tls::Certificate&)>;

struct Configured : ValidatorFixture {
    Configured() { BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK); }

    int leaf(const Change& change) {
        tls::Certificate certificate = good_leaf();
        change(certificate);
        return refusal(ask_about_leaf(certificate));
    }
    int intermediate(const Change& change) {
        tls::Certificate certificate = good_intermediate();
        change(certificate);
        return refusal(ask_about_intermediate(certificate));
    }
};

constexpr int kViolation = POSTERN_REASON_PROFILE_VIOLATION;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(profile_rules, Configured)

BOOST_AUTO_TEST_CASE(only_version_3_passes) {
    for (const int version : {1, 2, 4}) {
        BOOST_CHECK_EQUAL(leaf([&](auto& c) { c.version = version; }), kViolation);
        BOOST_CHECK_EQUAL(intermediate([&](auto& c) { c.version = version; }), kViolation);
    }
}

BOOST_AUTO_TEST_CASE(a_serial_number_is_positive_and_at_most_twenty_octets) {
    for (const Bytes& serial :
         {Bytes{}, Bytes{0}, Bytes{0, 0}, Bytes{0x80}, Bytes{0xff, 1}, Bytes(21, 1)}) {
        BOOST_CHECK_EQUAL(leaf([&](auto& c) { c.serial = serial; }), kViolation);
    }
    for (const Bytes& serial : {Bytes{1}, Bytes{0, 0x80}, Bytes(20, 0x7f)}) {
        BOOST_CHECK_EQUAL(leaf([&](auto& c) { c.serial = serial; }), 0);
    }
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.serial = {0}; }), kViolation);
}

BOOST_AUTO_TEST_CASE(an_extension_comes_once) {
    BOOST_CHECK_EQUAL(leaf([](auto& c) { add_extension(c, "2.5.29.17", false); }), kViolation);
    BOOST_CHECK_EQUAL(leaf([](auto& c) { add_extension(c, "1.2.3", false); }), 0);
}

BOOST_AUTO_TEST_CASE(an_unknown_critical_extension_is_refused) {
    const Change unknown = [](auto& c) { add_extension(c, "1.2.3", true); };
    BOOST_CHECK_EQUAL(leaf(unknown), kViolation);
    BOOST_CHECK_EQUAL(intermediate(unknown), kViolation);
    // A certificate transparency precertificate is no certificate.
    BOOST_CHECK_EQUAL(leaf([](auto& c) { add_extension(c, "1.3.6.1.4.1.11129.2.4.3", true); }),
                      kViolation);
}

BOOST_AUTO_TEST_CASE(only_authorities_have_name_constraints) {
    for (const bool critical : {true, false}) {
        const Change constraints = [&](auto& c) { add_extension(c, "2.5.29.30", critical); };
        BOOST_CHECK_EQUAL(leaf(constraints), kViolation);
        BOOST_CHECK_EQUAL(intermediate(constraints), 0);
    }
}

BOOST_AUTO_TEST_CASE(chains_that_need_policy_processing_are_refused) {
    for (const char* id : {"2.5.29.33", "2.5.29.36", "2.5.29.54"}) {
        BOOST_CHECK_EQUAL(intermediate([&](auto& c) { add_extension(c, id, false); }), kViolation);
    }
}

BOOST_AUTO_TEST_CASE(a_flood_of_extensions_is_refused_before_it_is_looked_through) {
    BOOST_CHECK_EQUAL(leaf([](auto& c) {
                          for (int i = 0; i < 65; ++i) {
                              add_extension(c, "1.2.3." + std::to_string(i), false);
                          }
                      }),
                      kViolation);
}

BOOST_AUTO_TEST_CASE(a_leaf_is_no_authority) {
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.is_ca = 1; }), kViolation);
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.key_usage |= POSTERN_KEY_USAGE_CERT_SIGN; }),
                      kViolation);
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.is_ca = 0; }), 0);
}

BOOST_AUTO_TEST_CASE(a_key_usage_includes_digital_signature) {
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.key_usage = POSTERN_KEY_USAGE_KEY_AGREEMENT; }),
                      kViolation);
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.key_usage = 0; }), kViolation);
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.key_usage = -1; }), 0);
}

BOOST_AUTO_TEST_CASE(the_extended_key_usage_names_this_purpose) {
    const std::string server = "1.3.6.1.5.5.7.3.1";
    const std::string client = "1.3.6.1.5.5.7.3.2";
    const std::string any = "2.5.29.37.0";
    const auto usages = [](std::vector<std::string> list) {
        return [list](tls::Certificate& c) { c.extended_key_usage = list; };
    };
    BOOST_CHECK_EQUAL(leaf(usages({})), kViolation);
    BOOST_CHECK_EQUAL(leaf(usages({any})), kViolation);
    BOOST_CHECK_EQUAL(leaf(usages({server})), kViolation);
    BOOST_CHECK_EQUAL(leaf(usages({server, client})), 0);
    BOOST_CHECK_EQUAL(leaf(usages({any, client})), kViolation);
    tls::Certificate client_only = good_server_leaf();
    client_only.extended_key_usage = {client};
    BOOST_CHECK_EQUAL(refusal(ask_server({client_only, good_anchor()}, "gate.example")),
                      kViolation);
}

BOOST_AUTO_TEST_CASE(an_intermediate_says_critically_that_it_signs_certificates) {
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.is_ca = 0; }), kViolation);
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.is_ca = -1; }), kViolation);
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.extensions[0].critical = false; }), kViolation);
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.key_usage = -1; }), kViolation);
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.key_usage = POSTERN_KEY_USAGE_CRL_SIGN; }),
                      kViolation);
}

BOOST_AUTO_TEST_CASE(a_certificate_names_its_issuer) {
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.issuer_text = ""; }), kViolation);
    BOOST_CHECK_EQUAL(intermediate([](auto& c) { c.issuer_text = ""; }), kViolation);
}

BOOST_AUTO_TEST_CASE(a_leaf_for_any_purpose_is_refused_also_when_it_names_the_right_one) {
    BOOST_CHECK_EQUAL(leaf([](auto& c) { c.extended_key_usage.push_back("2.5.29.37.0"); }),
                      kViolation);
}

BOOST_AUTO_TEST_SUITE_END()
