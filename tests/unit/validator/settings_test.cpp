#include <boost/test/unit_test.hpp>

#include "tests/unit/validator/validator_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

FakeNode one(const std::string& key, FakeNode value) {
    return FakeNode::table({{key, std::move(value)}});
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(settings, ValidatorFixture)

BOOST_AUTO_TEST_CASE(every_key_of_the_readme_is_asked_for) {
    BOOST_REQUIRE_EQUAL(
        configure(FakeNode::table({{"minimum_rsa_bits", 3072},
                                   {"allowed_key_types", FakeNode::array({"rsa", "ed448"})},
                                   {"allowed_signature_hashes", FakeNode::array({"sha384"})},
                                   {"max_chain_depth", 0},
                                   {"max_validity", "24h"},
                                   {"clock_skew", "30s"},
                                   {"require_purpose", false},
                                   {"required_policies", FakeNode::array({"1.2.3"})},
                                   {"required_extensions", FakeNode::array({"2.5.29.17"})},
                                   {"require_san", true}})),
        POSTERN_OK);
    BOOST_CHECK(instance().configuration().unknown_keys().empty());
}

BOOST_AUTO_TEST_CASE(a_value_that_would_weaken_the_profile_is_refused) {
    BOOST_CHECK_EQUAL(configure(one("minimum_rsa_bits", 1024)), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("allowed_key_types", FakeNode::array({"dsa"}))),
                      POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("allowed_key_types", FakeNode::array({}))), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("allowed_signature_hashes", FakeNode::array({"sha1"}))),
                      POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("max_validity", "10ms")), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("max_chain_depth", -1)), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("require_san", "yes")), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("clock_skew", "10ms")), POSTERN_E_CONFIG);
    BOOST_CHECK_EQUAL(configure(one("clock_skew", "25h")), POSTERN_E_CONFIG);
    for (const char* key : {"required_policies", "required_extensions"}) {
        BOOST_CHECK_EQUAL(configure(one(key, FakeNode::array({}))), POSTERN_E_CONFIG);
        for (const char* oid : {"", "1", "1.", ".1", "1..2", "1.x", "serverAuth"}) {
            BOOST_CHECK_EQUAL(configure(one(key, FakeNode::array({oid}))), POSTERN_E_CONFIG);
        }
    }
}

BOOST_AUTO_TEST_CASE(key_types_and_hashes_can_be_narrowed) {
    BOOST_REQUIRE_EQUAL(configure(one("allowed_key_types", FakeNode::array({"ed25519"}))),
                        POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(good_leaf())),
                      int{POSTERN_REASON_KEY_TYPE_NOT_ALLOWED});
    BOOST_REQUIRE_EQUAL(configure(one("allowed_signature_hashes", FakeNode::array({"sha512"}))),
                        POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(good_leaf())), int{POSTERN_REASON_WEAK_SIGNATURE});
}

BOOST_AUTO_TEST_CASE(a_validity_is_bounded_when_asked_for) {
    BOOST_REQUIRE_EQUAL(configure(one("max_validity", "2160h")), POSTERN_OK);
    tls::Certificate leaf = good_leaf();
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), 0);
    ++leaf.not_after;
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_VALIDITY_TOO_LONG});
}

BOOST_AUTO_TEST_CASE(a_san_can_be_required) {
    BOOST_REQUIRE_EQUAL(configure(one("require_san", true)), POSTERN_OK);
    tls::Certificate leaf = good_leaf();
    leaf.san_uri.clear();
    leaf.extensions.pop_back();
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_NAME_MISSING});
}

BOOST_AUTO_TEST_CASE(the_policy_digest_follows_the_settings) {
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK);
    const auto before = instance().policy_digest();
    BOOST_REQUIRE_EQUAL(configure(one("max_chain_depth", 5)), POSTERN_OK);
    BOOST_CHECK(instance().policy_digest() == before);
    for (FakeNode root :
         {one("max_chain_depth", 4), one("minimum_rsa_bits", 3072), one("require_san", true),
          one("max_validity", "1h"), one("allowed_key_types", FakeNode::array({"rsa"})),
          one("allowed_signature_hashes", FakeNode::array({"sha256"}))}) {
        BOOST_REQUIRE_EQUAL(configure(std::move(root)), POSTERN_OK);
        BOOST_CHECK(instance().policy_digest() != before);
    }
}

BOOST_AUTO_TEST_CASE(a_purpose_need_not_be_named_when_that_is_said) {
    tls::Certificate leaf = good_leaf();
    leaf.extended_key_usage.clear();
    BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_PROFILE_VIOLATION});
    BOOST_REQUIRE_EQUAL(configure(one("require_purpose", false)), POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), 0);
    leaf.extended_key_usage = {"1.3.6.1.5.5.7.3.1"};
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_PROFILE_VIOLATION});
}

BOOST_AUTO_TEST_CASE(an_extension_may_be_required_of_the_leaf) {
    BOOST_REQUIRE_EQUAL(configure(one("required_extensions", FakeNode::array({"1.2.3"}))),
                        POSTERN_OK);
    tls::Certificate leaf = good_leaf();
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), int{POSTERN_REASON_PROFILE_VIOLATION});
    add_extension(leaf, "1.2.3", false);
    BOOST_CHECK_EQUAL(refusal(ask_about_leaf(leaf)), 0);
}

BOOST_AUTO_TEST_CASE(clocks_may_be_off_by_so_much_at_either_end) {
    BOOST_REQUIRE_EQUAL(configure(one("clock_skew", "60s")), POSTERN_OK);
    tls::Certificate leaf = good_leaf();
    const auto at = [&](std::int64_t now) {
        set_wall_seconds(now);
        return refusal(ask_about_leaf(leaf));
    };
    BOOST_CHECK_EQUAL(at(leaf.not_before + 59), int{POSTERN_REASON_CERTIFICATE_NOT_YET_VALID});
    BOOST_CHECK_EQUAL(at(leaf.not_before + 60), 0);
    BOOST_CHECK_EQUAL(at(leaf.not_after - 60), 0);
    BOOST_CHECK_EQUAL(at(leaf.not_after - 59), int{POSTERN_REASON_CERTIFICATE_EXPIRED});
}

BOOST_AUTO_TEST_SUITE_END()
