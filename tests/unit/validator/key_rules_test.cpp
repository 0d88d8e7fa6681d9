#include <boost/test/unit_test.hpp>

#include "tests/unit/validator/validator_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

tls::Certificate with_key(tls::Certificate certificate, std::uint32_t type, std::int64_t bits,
                          std::string curve = "") {
    certificate.key_type = type;
    certificate.key_bits = bits;
    certificate.curve_oid = std::move(curve);
    return certificate;
}

struct Configured : ValidatorFixture {
    Configured() { BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(key_rules, Configured)

BOOST_AUTO_TEST_CASE(usual_keys_pass) {
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(good_leaf())), 0);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(with_key(good_leaf(), POSTERN_KEY_RSA, 2048))), 0);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(with_key(good_leaf(), POSTERN_KEY_RSA_PSS, 3072))), 0);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(with_key(good_leaf(), POSTERN_KEY_ED25519, 256))), 0);
    for (const char* curve : {"1.3.132.0.34", "1.3.132.0.35"}) {
        BOOST_CHECK_EQUAL(
            refusal(ask_about_leaf(with_key(good_leaf(), POSTERN_KEY_EC, 384, curve))), 0);
    }
}

BOOST_AUTO_TEST_CASE(a_short_rsa_key_is_weak_wherever_it_is_in_the_chain) {
    const auto weak = [](tls::Certificate certificate) {
        return with_key(std::move(certificate), POSTERN_KEY_RSA, 2047);
    };
    const Answer leaf = ask_about_leaf(weak(good_leaf()));
    BOOST_CHECK_EQUAL(refusal(leaf), int{POSTERN_REASON_WEAK_KEY});
    BOOST_CHECK_EQUAL(leaf.detail,
                      "the leaf certificate (CN=alice) has an RSA key of 2047 bits; at least 2048 "
                      "are required");
    const Answer intermediate = ask_about_intermediate(weak(good_intermediate()));
    BOOST_CHECK_EQUAL(refusal(intermediate), int{POSTERN_REASON_WEAK_KEY});
    BOOST_CHECK_EQUAL(intermediate.detail.find("intermediate certificate 1 (CN=Issuing CA)"), 0u);
    const Answer anchor = ask_client({good_leaf(), weak(good_anchor())});
    BOOST_CHECK_EQUAL(refusal(anchor), int{POSTERN_REASON_WEAK_KEY});
    BOOST_CHECK_EQUAL(anchor.detail.find("the trust anchor (CN=Root CA)"), 0u);
}

BOOST_AUTO_TEST_CASE(other_kinds_of_key_are_not_allowed) {
    for (const tls::Certificate& leaf : {with_key(good_leaf(), POSTERN_KEY_DSA, 3072),
                                         with_key(good_leaf(), POSTERN_KEY_ED448, 456),
                                         with_key(good_leaf(), POSTERN_KEY_OTHER, 4096),
                                         with_key(good_leaf(), POSTERN_KEY_EC, 192, "1.2.3"),
                                         with_key(good_leaf(), POSTERN_KEY_EC, 256)}) {
        BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_KEY_TYPE_NOT_ALLOWED});
    }
}

BOOST_AUTO_TEST_CASE(a_signature_with_an_old_hash_is_weak_but_for_the_anchors) {
    for (const std::int64_t hash : {POSTERN_DIGEST_MD5, POSTERN_DIGEST_SHA1, POSTERN_DIGEST_SHA224,
                                    POSTERN_DIGEST_OTHER, 0u}) {
        tls::Certificate leaf = good_leaf();
        leaf.signature_hash = hash;
        BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_WEAK_SIGNATURE});
        tls::Certificate intermediate = good_intermediate();
        intermediate.signature_hash = hash;
        BOOST_CHECK_EQUAL(refusal(ask_about_intermediate(intermediate)),
                          int{POSTERN_REASON_WEAK_SIGNATURE});
        tls::Certificate anchor = good_anchor();
        anchor.signature_hash = hash;
        BOOST_CHECK_EQUAL(refusal(ask_client({good_leaf(), anchor})), 0);
    }
}

BOOST_AUTO_TEST_CASE(eddsa_signatures_need_no_hash) {
    tls::Certificate leaf = good_leaf();
    leaf.signature_oid = "1.3.101.112";
    leaf.signature_hash = 0;
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), 0);
}

BOOST_AUTO_TEST_CASE(an_rsa_key_has_whole_octets) {
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK);
    tls::Certificate leaf = good_leaf();
    leaf.key_type = POSTERN_KEY_RSA;
    leaf.key_bits = 2052;
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_PROFILE_VIOLATION});
    leaf.key_bits = 2056;
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), 0);
}

BOOST_AUTO_TEST_SUITE_END()
