#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/unit/validator/rules_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

constexpr const char* kAlice = "spiffe://corp.example/alice";
const int kNo = int{POSTERN_REASON_IDENTITY_NOT_ALLOWED};

FakeNode reading() {
    return rule({{"name", "readers"},
                 {"identity", kAlice},
                 {"route", "/files/mcp"},
                 {"tools", FakeNode::array({"read_*"})}});
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rules_of_identities, RulesFixture)

BOOST_AUTO_TEST_CASE(alice_may_call_what_reads_on_one_route_and_nothing_else) {
    BOOST_REQUIRE_EQUAL(instance().configure(rules({reading()})), POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(come()), 0);
    BOOST_CHECK_EQUAL(refusal(ask("tools/call", "read_file")), 0);
    BOOST_CHECK_EQUAL(refusal(ask("tools/call", "write_file")), kNo);
    BOOST_CHECK_EQUAL(refusal(ask("Tools/Call", "read_file")), kNo);
    BOOST_CHECK_EQUAL(refusal(ask("resources/read", "file:///a")), kNo);
    BOOST_CHECK_EQUAL(refusal(ask("logging/setLevel")), kNo);
    for (const char* method : {"", "initialize", "ping", "tools/list", "notifications/x"}) {
        BOOST_CHECK_EQUAL(refusal(ask(method)), 0);
    }
}

BOOST_AUTO_TEST_CASE(the_first_rule_that_covers_it_decides) {
    BOOST_REQUIRE_EQUAL(
        instance().configure(rules(
            {rule({{"name", "not that"},
                   {"identity", "*"},
                   {"tools", "delete_*"},
                   {"action", "deny"}}),
             rule({{"identity", "*"}, {"methods", FakeNode::array({"tools/*", "tasks/*"})}})})),
        POSTERN_OK);
    const Answer denied = ask("tools/call", "delete_all");
    BOOST_CHECK_EQUAL(refusal(denied), kNo);
    BOOST_CHECK_EQUAL(denied.detail,
                      "rule \"not that\" denies \"tools/call\" of \"delete_all\" on route "
                      "\"files\"");
    BOOST_CHECK_EQUAL(refusal(ask("tools/call", "other")), 0);
    BOOST_CHECK_EQUAL(refusal(ask("tasks/get", "7")), 0);
    BOOST_CHECK_EQUAL(refusal(ask("prompts/get", "x")), kNo);
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_DEBUG, "rule \"rule 2\" allows"), 2u);
}

BOOST_AUTO_TEST_CASE(whom_no_rule_lets_do_anything_may_not_come) {
    BOOST_REQUIRE_EQUAL(instance().configure(rules({rule({{"identity", "dns:x.example"}})})),
                        POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(come()), kNo);
    BOOST_CHECK_EQUAL(refusal(come(kFlags | POSTERN_CALL_REVIEW)), kNo);
    BOOST_CHECK_EQUAL(refusal(ask("ping")), kNo);
}

BOOST_AUTO_TEST_CASE(names_that_nobody_verified_count_nothing) {
    BOOST_REQUIRE_EQUAL(instance().configure(rules({reading()})), POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask("tools/call", "read_file", POSTERN_CONN_INBOUND)), kNo);
}

BOOST_AUTO_TEST_CASE(a_resource_in_no_normal_form_is_refused_where_rules_look_at_resources) {
    BOOST_REQUIRE_EQUAL(
        instance().configure(
            rules({rule({{"identity", "*"}, {"resources", FakeNode::array({"file:///srv/**"})}})})),
        POSTERN_OK);
    BOOST_CHECK_EQUAL(refusal(ask("resources/read", "file:///srv/a")), 0);
    BOOST_CHECK_EQUAL(refusal(ask("resources/read", "file:///etc/a")), kNo);
    BOOST_CHECK_EQUAL(refusal(ask("resources/read", "file:///srv/../etc/a")), kNo);
    BOOST_CHECK_EQUAL(refusal(ask("resources/read", "file:///srv/%2E%2E/a")), kNo);
}

BOOST_AUTO_TEST_CASE(wrong_rules_are_told_and_only_they) {
    const auto first_error = [this](FakeNode wrong) {
        BOOST_CHECK_EQUAL(instance().configure(rules({std::move(wrong), reading()})),
                          POSTERN_E_CONFIG);
        BOOST_CHECK_EQUAL(instance().configuration().errors().size(), 1u);
        return instance().first_error();
    };
    BOOST_CHECK_EQUAL(first_error(rule({{"identity", kAlice}, {"action", "maybe"}})),
                      "rule[0].action: action must be one of \"allow\", \"deny\"");
    BOOST_CHECK_EQUAL(first_error(rule({{"identity", kAlice}, {"tools", "*_x"}})),
                      "rule[0].tools: \"*_x\" has a * before its end; it stands for any rest, at "
                      "the end alone");
    first_error(rule({{"identity", "alice"}}));
    first_error(rule({{"identity", "group:x"}}));
    first_error(rule({{"identity", FakeNode::array({})}}));
    first_error(rule({{"identity", "dn:CN=alice"}}));
    first_error(rule({{"identity", kAlice}, {"resources", "file:///a/../b"}}));
    BOOST_CHECK_EQUAL(instance().configure(rules({})), POSTERN_E_CONFIG);
}

BOOST_AUTO_TEST_CASE(a_changed_file_is_taken_and_a_broken_one_is_not) {
    auto& file = FakeNode::files();
    file.insert_or_assign("/config/rules.toml", rules({reading()}));
    BOOST_REQUIRE_EQUAL(instance().configure(FakeNode::table({{"rules_file", "rules.toml"}})),
                        POSTERN_OK);
    BOOST_REQUIRE_EQUAL(instance().start(), POSTERN_OK);
    const auto before = instance().policy_digest();
    host.advance(std::chrono::seconds(3));
    BOOST_CHECK(host.changes.empty());
    file.insert_or_assign("/config/rules.toml", rules({}));
    host.advance(std::chrono::seconds(5));
    BOOST_CHECK(host.changes.empty());
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_ERROR, "the rules that were in force stay"), 1u);
    BOOST_CHECK_EQUAL(refusal(ask("tools/call", "read_file")), 0);
    file.insert_or_assign("/config/rules.toml", rules({rule({{"identity", "dns:x.example"}})}));
    host.advance(std::chrono::seconds(3));
    BOOST_CHECK_EQUAL(host.changes.size(), 1u);
    BOOST_CHECK_EQUAL(refusal(ask("tools/call", "read_file")), kNo);
    BOOST_CHECK(instance().policy_digest() != before);
}

BOOST_AUTO_TEST_SUITE_END()
