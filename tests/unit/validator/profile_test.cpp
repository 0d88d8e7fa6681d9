#include <boost/test/unit_test.hpp>

#include "tests/unit/validator/validator_fixture.h"

using namespace postern;
using namespace postern::fake;

BOOST_FIXTURE_TEST_SUITE(profile, ValidatorFixture)

BOOST_AUTO_TEST_CASE(no_certificate_is_abstained_from) {
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK);
    BOOST_CHECK_EQUAL(ask_pinned({}).action, POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(depth_counts_the_certificates_between_leaf_and_anchor) {
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({{"max_chain_depth", 1}})), POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask_client({good_leaf(), good_anchor()})), 0);
    BOOST_CHECK_EQUAL(refusal(ask_client({good_leaf(), good_intermediate(), good_anchor()})), 0);
    BOOST_CHECK_EQUAL(
        refusal(ask_client({good_leaf(), good_intermediate(), good_intermediate(), good_anchor()})),
        int{POSTERN_REASON_CHAIN_TOO_DEEP});
}

BOOST_AUTO_TEST_CASE(a_leaf_that_is_its_own_anchor_meets_the_leaf_rules) {
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask_client({good_leaf()})), 0);
    BOOST_CHECK_EQUAL(refusal(ask_client({good_anchor()})), int{POSTERN_REASON_PROFILE_VIOLATION});
}

BOOST_AUTO_TEST_CASE(without_a_verified_chain_the_leaf_alone_is_judged) {
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK);
    tls::Certificate junk;
    BOOST_CHECK_EQUAL(refusal(ask_pinned({good_leaf(), junk})), 0);
    tls::Certificate sha1 = good_leaf();
    sha1.signature_hash = POSTERN_DIGEST_SHA1;
    BOOST_CHECK_EQUAL(refusal(ask_pinned({sha1})), int{POSTERN_REASON_WEAK_SIGNATURE});
}

BOOST_AUTO_TEST_SUITE_END()
