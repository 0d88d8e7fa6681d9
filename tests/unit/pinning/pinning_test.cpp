#include <boost/test/unit_test.hpp>

#include <gnutls/crypto.h>

#include "core/base/bytes.h"

#include "tests/unit/pinning/pinning_fixture.h"

using namespace postern;
using namespace postern::fake;
using tls::test::issue;
using tls::test::issue_authority;
using tls::test::Issued;

namespace {

struct Chain : PinningFixture {
    Issued root = issue_authority("Root CA");
    Issued issuing = issue_authority("Issuing CA", &root);
    Issued leaf = issue(alice_under(&issuing));
    Issued other = issue(alice_under(&issuing));

    static tls::test::Wanted alice_under(const Issued* issuer) {
        tls::test::Wanted wanted;
        wanted.common_name = "alice";
        wanted.issuer = issuer;
        return wanted;
    }
    postern_rc pin(const std::string& pin) { return configure({{"pins", FakeNode::array({pin})}}); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pinning, Chain)

BOOST_AUTO_TEST_CASE(a_pinned_key_is_allowed_and_another_denied_with_its_pin) {
    BOOST_REQUIRE_EQUAL(pin(pin_of(leaf)), POSTERN_OK);
    BOOST_CHECK_EQUAL(ask_verified({&leaf, &issuing, &root}).action, POSTERN_ACTION_ALLOW);
    const Answer no = ask_verified({&other, &issuing, &root});
    BOOST_CHECK_EQUAL(no.action, POSTERN_ACTION_DENY);
    BOOST_CHECK_EQUAL(no.reason, POSTERN_REASON_NOT_PINNED);
    BOOST_CHECK_NE(no.detail.find(pin_of(other)), std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_pinned_authority_allows_what_is_verified_below_it) {
    for (const Issued* authority : {&issuing, &root}) {
        BOOST_REQUIRE_EQUAL(pin(pin_of(*authority)), POSTERN_OK);
        BOOST_CHECK_EQUAL(ask_verified({&leaf, &issuing, &root}).action, POSTERN_ACTION_ALLOW);
    }
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_merely_sent_along_proves_nothing) {
    BOOST_REQUIRE_EQUAL(configure({{"pins", FakeNode::array({pin_of(leaf), pin_of(root)})}}),
                        POSTERN_OK);
    BOOST_CHECK_EQUAL(ask_presented({&other, &issuing, &root}).action, POSTERN_ACTION_DENY);
    BOOST_CHECK_EQUAL(ask_presented({&other, &leaf}).action, POSTERN_ACTION_DENY);
    const FakePeer padded{tls::test::chain_of({&other, &leaf}),
                          tls::test::chain_of({&other, &issuing})};
    BOOST_CHECK_EQUAL(ask(padded).action, POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_allowed_by_its_exported_file) {
    const Issued self_signed = issue({});
    const std::string path = directory.write("trusted.cer", as_text(self_signed.der));
    for (const bool exact : {false, true}) {
        BOOST_REQUIRE_EQUAL(configure({{"pinned_certificates", FakeNode::array({path})},
                                       {"require_exact_certificate_match", exact}}),
                            POSTERN_OK);
        BOOST_CHECK_EQUAL(ask_presented({&self_signed}).action, POSTERN_ACTION_ALLOW);
        BOOST_CHECK_EQUAL(ask_presented({&leaf}).action, POSTERN_ACTION_DENY);
    }
}

BOOST_AUTO_TEST_CASE(an_exact_match_is_of_the_leaf_alone) {
    const std::string path = directory.write("root.pem", root.pem() + issuing.pem());
    BOOST_REQUIRE_EQUAL(configure({{"pinned_certificates", FakeNode::array({path})},
                                   {"require_exact_certificate_match", true}}),
                        POSTERN_OK);
    BOOST_CHECK_EQUAL(ask_verified({&leaf, &issuing, &root}).action, POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(longer_digests_and_whole_certificates_of_the_chain_may_be_pinned) {
    const auto digest = [](gnutls_digest_algorithm_t algorithm, ByteView data) {
        Bytes out(gnutls_hash_get_len(algorithm));
        BOOST_REQUIRE(gnutls_hash_fast(algorithm, data.data(), data.size(), out.data()) == 0);
        return to_base64(out);
    };
    const tls::ChainRef chain = tls::test::chain_of({&leaf, &issuing, &root});
    for (const std::string& held :
         {"sha384/" + digest(GNUTLS_DIG_SHA384, chain->leaf().spki),
          "sha512/" + digest(GNUTLS_DIG_SHA512, chain->certificates()[1].spki),
          "cert-sha512/" + digest(GNUTLS_DIG_SHA512, chain->leaf().der),
          "cert-sha256/" + digest(GNUTLS_DIG_SHA256, chain->certificates()[2].der)}) {
        BOOST_REQUIRE_EQUAL(pin(held), POSTERN_OK);
        BOOST_CHECK_EQUAL(ask({chain, chain}).action, POSTERN_ACTION_ALLOW);
    }
    BOOST_REQUIRE_EQUAL(pin("cert-sha256/" + digest(GNUTLS_DIG_SHA256, chain->leaf().der)),
                        POSTERN_OK);
    BOOST_CHECK_EQUAL(ask_verified({&other, &issuing, &root}).action, POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_pin_that_runs_out_is_said_so_and_told_to_the_host) {
    host.set_wall_seconds(1'800'000'000);
    BOOST_REQUIRE_EQUAL(
        configure({{"pins", FakeNode::array(
                                {pin_of(leaf) + " expires=2027-01-15T08:00:03Z", pin_of(other)})}}),
        POSTERN_OK);
    BOOST_REQUIRE_EQUAL(start(), POSTERN_OK);
    const auto digest = pinning().policy_digest();
    host.advance(std::chrono::milliseconds(2900));
    BOOST_CHECK_EQUAL(ask_verified({&leaf, &issuing}).action, POSTERN_ACTION_ALLOW);
    BOOST_CHECK(host.changes.empty());
    host.advance(std::chrono::milliseconds(100));
    BOOST_CHECK_EQUAL(ask_verified({&leaf, &issuing}).reason, POSTERN_REASON_PIN_EXPIRED);
    BOOST_CHECK_EQUAL(ask_verified({&other, &issuing}).action, POSTERN_ACTION_ALLOW);
    host.advance(std::chrono::seconds(2));
    BOOST_CHECK_EQUAL(host.changes.size(), 1u);
    BOOST_CHECK(pinning().policy_digest() != digest);
    host.advance(std::chrono::seconds(10));
    BOOST_CHECK_EQUAL(host.changes.size(), 1u);
}

BOOST_AUTO_TEST_CASE(a_lone_pin_is_warned_of) {
    BOOST_REQUIRE_EQUAL(pin(pin_of(leaf)), POSTERN_OK);
    BOOST_REQUIRE_EQUAL(start(), POSTERN_OK);
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_WARNING, "no backup"), 1u);
    BOOST_REQUIRE_EQUAL(configure({{"pins", FakeNode::array({pin_of(leaf), pin_of(other)})}}),
                        POSTERN_OK);
    BOOST_REQUIRE_EQUAL(start(), POSTERN_OK);
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_WARNING, "no backup"), 1u);
}

BOOST_AUTO_TEST_CASE(no_certificate_is_abstained_from) {
    BOOST_REQUIRE_EQUAL(pin(pin_of(leaf)), POSTERN_OK);
    BOOST_CHECK_EQUAL(ask({tls::Chain::empty(), nullptr}).action, POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(resumption_review_and_dry_run_get_the_same_answer) {
    BOOST_REQUIRE_EQUAL(pin(pin_of(leaf)), POSTERN_OK);
    const auto chain = tls::test::chain_of({&leaf, &issuing, &root});
    for (const std::uint32_t flag :
         {POSTERN_CONN_RESUMED, POSTERN_CALL_REVIEW, POSTERN_CALL_DRY_RUN}) {
        BOOST_CHECK_EQUAL(ask({chain, chain}, POSTERN_CONN_INBOUND | flag).action,
                          POSTERN_ACTION_ALLOW);
    }
}

BOOST_AUTO_TEST_CASE(the_policy_digest_follows_the_pins_and_not_their_order) {
    const auto pin_all = [this](std::vector<FakeNode> pins) {
        BOOST_REQUIRE_EQUAL(configure({{"pins", FakeNode::array(std::move(pins))}}), POSTERN_OK);
    };
    pin_all({pin_of(leaf), pin_of(other)});
    const auto both = pinning().policy_digest();
    pin_all({pin_of(other), pin_of(leaf), pin_of(leaf)});
    BOOST_CHECK(pinning().policy_digest() == both);
    pin_all({pin_of(leaf)});
    BOOST_CHECK(pinning().policy_digest() != both);
}

BOOST_AUTO_TEST_CASE(the_start_says_how_many_pins_came_from_where) {
    store("a", pin_of(leaf));
    BOOST_REQUIRE_EQUAL(pin(pin_of(other)), POSTERN_OK);
    BOOST_REQUIRE_EQUAL(start(), POSTERN_OK);
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_NOTICE,
                                  "2 pinned keys: 1 in pins, 0 in pinned_certificates, 1 in " +
                                      directory.file("pins")),
                      1u);
}

BOOST_AUTO_TEST_SUITE_END()
