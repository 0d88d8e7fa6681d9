#include "core/cli/certificate_builder.h"

#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "core/cli/certificate_description.h"
#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

BOOST_AUTO_TEST_SUITE(certificate_builder)

BOOST_AUTO_TEST_CASE(leaf_says_what_its_specification_says) {
    const auto ca = authority();
    auto spec = leaf_spec();
    spec.crl_uris = {"http://pki.example/ca.crl"};
    spec.ocsp_uris = {"http://pki.example/ocsp"};
    const auto made = leaf(ca, spec);
    const auto seen = taken(describe(made.certificate.get()));

    BOOST_TEST(seen.version == 3u);
    BOOST_TEST(seen.subject == "CN=me");
    BOOST_TEST(seen.issuer == "CN=Test CA");
    BOOST_TEST(seen.not_before == kNow);
    BOOST_TEST(seen.not_after == kNow + kDay);
    BOOST_TEST(!seen.authority);
    BOOST_REQUIRE(seen.names.size() == 2u);
    BOOST_TEST(seen.names[0].value == "a.example");
    BOOST_TEST(seen.names[1].value == "::1");
    BOOST_TEST(seen.key_usage == std::vector<std::string>{"digitalSignature"});
    BOOST_TEST(seen.extended_key_usage == std::vector<std::string>{"serverAuth"});
    BOOST_TEST(seen.crl_uris == spec.crl_uris);
    BOOST_TEST(seen.ocsp_uris == spec.ocsp_uris);
}

BOOST_AUTO_TEST_CASE(basic_constraints_and_key_usage_are_critical) {
    const auto ca = authority();
    const auto made = leaf(ca, leaf_spec());
    for (const auto certificate : {ca.certificate.get(), made.certificate.get()}) {
        unsigned critical = 0, usage = 0, is_authority = 0;
        int path_length = 0;
        BOOST_TEST(gnutls_x509_crt_get_basic_constraints(certificate, &critical, &is_authority,
                                                         &path_length) >= 0);
        BOOST_TEST(critical == 1u);
        critical = 0;
        BOOST_TEST(gnutls_x509_crt_get_key_usage(certificate, &usage, &critical) == 0);
        BOOST_TEST(critical == 1u);
    }
}

BOOST_AUTO_TEST_CASE(authority_key_identifier_is_the_issuers_subject_key_identifier) {
    const auto ca = authority();
    const auto made = leaf(ca, leaf_spec());
    const auto above = taken(describe(ca.certificate.get()));
    const auto seen = taken(describe(made.certificate.get()));
    BOOST_TEST(seen.authority_key_identifier == above.subject_key_identifier);
    BOOST_TEST(seen.subject_key_identifier.size() == 40u);
    BOOST_TEST(seen.subject_key_identifier != above.subject_key_identifier);
}

BOOST_AUTO_TEST_CASE(authority_may_sign_certificates_and_crls_and_nothing_else) {
    const auto seen = taken(describe(authority().certificate.get()));
    BOOST_TEST(seen.authority);
    BOOST_TEST(seen.path_length == 0);
    BOOST_TEST(seen.key_usage == (std::vector<std::string>{"keyCertSign", "cRLSign"}));
    BOOST_TEST(seen.extended_key_usage.empty());
}

BOOST_AUTO_TEST_CASE(serials_are_random_positive_and_128_bits_long) {
    const auto ca = authority();
    const auto one = taken(describe(leaf(ca, leaf_spec()).certificate.get())).serial;
    const auto other = taken(describe(leaf(ca, leaf_spec()).certificate.get())).serial;
    BOOST_TEST(one.size() == 32u);
    BOOST_TEST((one[0] >= '4' && one[0] <= '7'));
    BOOST_TEST(one != other);
}

BOOST_AUTO_TEST_CASE(every_key_type_signs_a_leaf_that_verifies) {
    for (const auto type :
         {KeyType::ecdsa_p256, KeyType::ecdsa_p384, KeyType::rsa_2048, KeyType::ed25519}) {
        const auto ca = authority(type);
        const auto made = leaf(ca, leaf_spec());
        auto issuer = ca.certificate.get();
        unsigned status = 0;
        BOOST_TEST(gnutls_x509_crt_verify(made.certificate.get(), &issuer, 1,
                                          GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) == 0);
        BOOST_TEST(status == 0u);
    }
}

BOOST_AUTO_TEST_CASE(leaf_of_another_authority_does_not_verify) {
    const auto made = leaf(authority(), leaf_spec());
    const auto stranger = authority();
    auto issuer = stranger.certificate.get();
    unsigned status = 0;
    BOOST_TEST(gnutls_x509_crt_verify(made.certificate.get(), &issuer, 1,
                                      GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) == 0);
    BOOST_TEST(status != 0u);
}

BOOST_AUTO_TEST_CASE(purpose_outside_the_three_is_refused) {
    BOOST_TEST((taken(parse_purpose("both")) == Purpose::both));
    BOOST_TEST(!parse_purpose("email"));
}

BOOST_AUTO_TEST_SUITE_END()
