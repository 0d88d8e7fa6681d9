#include "core/gate/session_owners.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {
namespace {

using Standing = SessionOwners::Standing;

const tls::Identity kAnna{"uri:spiffe://example/anna", "aa"};
const tls::Identity kBert{"uri:spiffe://example/bert", "aa"};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_owners)

BOOST_AUTO_TEST_CASE(a_session_is_its_first_owner_s_and_nobody_else_s) {
    SessionOwners owners;
    BOOST_TEST((owners.find("s", kAnna).standing == Standing::unknown));
    BOOST_TEST(owners.bind("s", kAnna));
    BOOST_TEST((owners.find("s", kAnna).standing == Standing::own));
    const auto found = owners.find("s", kBert);
    BOOST_TEST((found.standing == Standing::foreign));
    BOOST_TEST(found.owner.name == kAnna.name);
    BOOST_TEST(!owners.bind("s", kBert));
    BOOST_TEST(owners.bind("s", kAnna));
    BOOST_TEST((owners.find("s", kAnna).standing == Standing::own));
}

BOOST_AUTO_TEST_CASE(the_same_name_under_another_authority_is_another_identity) {
    SessionOwners owners;
    BOOST_TEST(owners.bind("s", kAnna));
    BOOST_TEST((owners.find("s", {kAnna.name, "bb"}).standing == Standing::foreign));
}

BOOST_AUTO_TEST_CASE(callers_without_a_certificate_share_their_sessions_and_no_others) {
    SessionOwners owners;
    BOOST_TEST(owners.bind("open", {}));
    BOOST_TEST((owners.find("open", {}).standing == Standing::own));
    BOOST_TEST((owners.find("open", kAnna).standing == Standing::foreign));
    BOOST_TEST(owners.bind("anna's", kAnna));
    BOOST_TEST((owners.find("anna's", {}).standing == Standing::foreign));
}

BOOST_AUTO_TEST_CASE(a_forgotten_session_is_unknown_and_may_be_given_again) {
    SessionOwners owners;
    BOOST_TEST(owners.bind("s", kAnna));
    owners.forget("s", kBert);
    BOOST_TEST((owners.find("s", kAnna).standing == Standing::own));
    owners.forget("s", kAnna);
    owners.forget("never was", kAnna);
    BOOST_TEST((owners.find("s", kAnna).standing == Standing::unknown));
    BOOST_TEST(owners.bind("s", kBert));
}

BOOST_AUTO_TEST_CASE(ids_of_absurd_size_are_not_remembered) {
    SessionOwners owners;
    BOOST_TEST(!owners.bind("", kAnna));
    BOOST_TEST(owners.bind(std::string(SessionOwners::kMaxLength, 'x'), kAnna));
    const std::string absurd(SessionOwners::kMaxLength + 1, 'x');
    BOOST_TEST(!owners.bind(absurd, kAnna));
    BOOST_TEST((owners.find(absurd, kAnna).standing == Standing::unknown));
}

BOOST_AUTO_TEST_CASE(an_identity_that_fills_the_table_loses_its_own_least_recently_used) {
    SessionOwners owners;
    BOOST_TEST(owners.bind("anna's", kAnna));
    BOOST_TEST(owners.bind("kept", kBert));
    BOOST_TEST(owners.bind("left", kBert));
    for (int i = 0; i < 150'000; ++i) {
        BOOST_REQUIRE((owners.find("kept", kBert).standing == Standing::own));
        BOOST_REQUIRE(owners.bind(std::to_string(i), kBert));
    }
    BOOST_TEST((owners.find("anna's", kAnna).standing == Standing::own));
    BOOST_TEST((owners.find("kept", kBert).standing == Standing::own));
    BOOST_TEST((owners.find("left", kBert).standing == Standing::unknown));
    BOOST_TEST((owners.find("0", kBert).standing == Standing::unknown));
}

BOOST_AUTO_TEST_CASE(a_table_lives_as_long_as_a_generation_has_its_route) {
    SessionTables tables;
    auto old = tables.of("mcp", "files");
    BOOST_TEST(old->bind("s", kAnna));
    BOOST_TEST((tables.of("mcp", "other") != old));
    BOOST_TEST((tables.of("other", "files") != old));
    auto next = tables.of("mcp", "files");
    old.reset();
    BOOST_TEST((next->find("s", kAnna).standing == Standing::own));
    next.reset();
    BOOST_TEST((tables.of("mcp", "files")->find("s", kAnna).standing == Standing::unknown));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
