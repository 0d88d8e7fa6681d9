#include "core/upstream/session_affinity.h"

#include <string>

#include <boost/test/unit_test.hpp>

namespace postern::upstream {
namespace {

const tls::Identity kAnna{"uri:spiffe://example/anna", "aa"};
const tls::Identity kBert{"uri:spiffe://example/bert", "aa"};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_affinity)

BOOST_AUTO_TEST_CASE(what_is_used_stays_and_what_one_identity_opens_moves_no_other_s) {
    SessionAffinity sessions;
    sessions.remember("anna's", kAnna, 1);
    sessions.remember("used", kBert, 1);
    sessions.remember("idle", kBert, 1);
    for (int i = 0; i < 150'000; ++i) {
        BOOST_REQUIRE(sessions.find("used", kBert).has_value());
        sessions.remember("s" + std::to_string(i), kBert, 0);
    }
    BOOST_TEST(sessions.find("anna's", kAnna).value() == 1u);
    BOOST_TEST(sessions.find("used", kBert).value() == 1u);
    BOOST_TEST(!sessions.find("idle", kBert).has_value());
    BOOST_TEST(sessions.find("s149999", kBert).value() == 0u);
}

BOOST_AUTO_TEST_CASE(the_same_id_given_to_two_identities_is_two_sessions) {
    SessionAffinity sessions;
    sessions.remember("s", kAnna, 1);
    BOOST_TEST(!sessions.find("s", kBert).has_value());
    sessions.remember("s", kBert, 2);
    BOOST_TEST(sessions.find("s", kAnna).value() == 1u);
    sessions.remember("s", kAnna, 0);
    BOOST_TEST(sessions.find("s", kAnna).value() == 0u);
    BOOST_TEST(sessions.find("s", kBert).value() == 2u);
}

BOOST_AUTO_TEST_CASE(every_id_that_can_have_an_owner_can_have_a_server) {
    SessionAffinity sessions;
    const std::string longest(SessionTable::kMaxLength, 'x');
    sessions.remember(longest, kAnna, 1);
    BOOST_TEST(sessions.find(longest, kAnna).value() == 1u);
    sessions.remember(longest + "x", kAnna, 1);
    BOOST_TEST(!sessions.find(longest + "x", kAnna).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::upstream
