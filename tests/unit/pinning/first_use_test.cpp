#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/unit/pinning/pinning_fixture.h"

using namespace postern;
using namespace postern::fake;
using tls::test::issue;
using tls::test::Issued;

namespace {

tls::test::Wanted named(const std::string& name) {
    tls::test::Wanted wanted;
    wanted.dns = {name};
    return wanted;
}

struct FirstUse : PinningFixture {
    Issued alice = issue(named("alice.example"));
    Issued alices_next = issue(named("alice.example"));
    Issued bob = issue(named("bob.example"));

    void begin(const char* word) {
        BOOST_REQUIRE_EQUAL(configure({{"first_use", word}}), POSTERN_OK);
        BOOST_REQUIRE_EQUAL(start(), POSTERN_OK);
    }
    // The phases of one connection, as far as it gets: a client of a chain, or without one.
    Answer connect(const Issued& certificate, std::uint32_t flags = POSTERN_CONN_INBOUND,
                   std::uint32_t verify_flags = 0, const std::string& hostname = "") {
        const tls::ChainRef chain = tls::test::chain_of({&certificate});
        const bool unchained = (verify_flags & POSTERN_VERIFY_SKIPPED) != 0;
        const Answer judged =
            ask({chain, unchained ? nullptr : chain, hostname, verify_flags}, flags);
        if (judged.action != POSTERN_ACTION_ALLOW) return judged;
        return established(chain, flags, verify_flags, hostname);
    }
    Answer established(const tls::ChainRef& chain, std::uint32_t flags, std::uint32_t verify_flags,
                       const std::string& hostname) {
        postern_session session{};
        session.struct_size = sizeof session;
        session.peer = handle(chain);
        session.verify_flags = verify_flags;
        session.hostname = {hostname.data(), hostname.size()};
        const auto& table = pinning().interface<postern_pinning>(POSTERN_IF_PINNING);
        const Answer now =
            pinning().ask(flags, [&](void* self, const postern_call* call, postern_verdict* out) {
                return table.on_established(self, call, &session, out);
            });
        if (now.rc != POSTERN_PENDING) return now;
        host.run_posted();
        BOOST_REQUIRE(!host.completions.empty());
        const FakeHost::Completion& last = host.completions.back();
        Answer later;
        later.rc = last.rc;
        later.action = last.action;
        later.reason = last.reason;
        later.detail = last.detail;
        return later;
    }
    std::string stored(const std::string& ending) const {
        std::string found;
        for (const auto& [key, value] : host.stored) {
            if (key.size() > ending.size() && key.substr(key.size() - ending.size()) == ending) {
                found = key;
            }
        }
        return found;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(first_use, FirstUse)

BOOST_AUTO_TEST_CASE(nobody_is_remembered_unless_it_is_asked_for) {
    store("bob", pin_of(bob));
    begin("off");
    BOOST_CHECK_EQUAL(connect(alice).reason, POSTERN_REASON_NOT_PINNED);
    BOOST_CHECK(host.stored.empty());
}

BOOST_AUTO_TEST_CASE(the_first_key_of_a_name_is_pinned_and_another_refused) {
    begin("pin");
    BOOST_CHECK_EQUAL(connect(alice).action, POSTERN_ACTION_ALLOW);
    BOOST_CHECK_EQUAL(host.stored.size(), 1u);
    const Answer other = connect(alices_next);
    BOOST_CHECK_EQUAL(other.reason, POSTERN_REASON_NOT_PINNED);
    BOOST_CHECK_NE(other.detail.find("dns:alice.example is pinned with another key"),
                   std::string::npos);
    BOOST_CHECK_EQUAL(connect(alice).action, POSTERN_ACTION_ALLOW);
    BOOST_CHECK_EQUAL(connect(bob).action, POSTERN_ACTION_ALLOW);
    BOOST_CHECK_EQUAL(host.stored.size(), 2u);
}

BOOST_AUTO_TEST_CASE(of_two_first_keys_at_once_one_is_pinned) {
    begin("pin");
    const auto first = tls::test::chain_of({&alice});
    const auto second = tls::test::chain_of({&alices_next});
    for (const auto& chain : {first, second}) {
        BOOST_CHECK_EQUAL(ask({chain, chain}).action, POSTERN_ACTION_ALLOW);
    }
    BOOST_CHECK_EQUAL(established(first, POSTERN_CONN_INBOUND, 0, "").action, POSTERN_ACTION_ALLOW);
    BOOST_CHECK_EQUAL(established(second, POSTERN_CONN_INBOUND, 0, "").action, POSTERN_ACTION_DENY);
    BOOST_CHECK_EQUAL(host.stored.size(), 1u);
}

BOOST_AUTO_TEST_CASE(another_gate_with_the_same_store_is_heeded) {
    begin("pin");
    const auto chain = tls::test::chain_of({&alices_next});
    BOOST_CHECK_EQUAL(ask({chain, chain}).action, POSTERN_ACTION_ALLOW);
    store("elsewhere.pin", pin_of(alice) + " for=dns:alice.example\n");
    // Written between the two phases; the file's name is another, as is the key.
    const Answer late = established(chain, POSTERN_CONN_INBOUND, 0, "");
    BOOST_CHECK_EQUAL(late.action, POSTERN_ACTION_DENY);
    BOOST_CHECK(host.stored.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_written_before_possession_is_proved) {
    begin("pin");
    const auto chain = tls::test::chain_of({&alice});
    BOOST_CHECK_EQUAL(ask({chain, chain}).action, POSTERN_ACTION_ALLOW);
    host.run_posted();
    BOOST_CHECK(host.stored.empty());
}

BOOST_AUTO_TEST_CASE(a_pin_that_is_taken_away_ends_what_it_let_in) {
    begin("pin");
    BOOST_CHECK_EQUAL(connect(alice).action, POSTERN_ACTION_ALLOW);
    unstore(stored(".pin"));
    let_it_look();
    const auto chain = tls::test::chain_of({&alice});
    for (const std::uint32_t flag : {POSTERN_CALL_REVIEW, POSTERN_CONN_RESUMED}) {
        BOOST_CHECK_EQUAL(ask({chain, chain}, POSTERN_CONN_INBOUND | flag).reason,
                          POSTERN_REASON_NOT_PINNED);
    }
}

BOOST_AUTO_TEST_CASE(only_looking_writes_nothing) {
    for (const char* word : {"pin", "approve"}) {
        begin(word);
        for (const std::uint32_t flag : {POSTERN_CALL_OBSERVED, POSTERN_CALL_DRY_RUN}) {
            const Answer answer = connect(alice, POSTERN_CONN_INBOUND | flag);
            BOOST_CHECK_EQUAL(answer.action == POSTERN_ACTION_DENY, word == std::string("approve"));
        }
        host.run_posted();
        BOOST_CHECK(host.stored.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_client_without_a_chain_is_not_pinned_by_its_word_alone) {
    begin("pin");
    const Answer answer = connect(alice, POSTERN_CONN_INBOUND, POSTERN_VERIFY_SKIPPED);
    BOOST_CHECK_EQUAL(answer.reason, POSTERN_REASON_NOT_PINNED);
    BOOST_CHECK(host.stored.empty());
}

BOOST_AUTO_TEST_CASE(a_server_is_pinned_by_the_name_it_was_called_by) {
    begin("pin");
    const std::uint32_t outbound = 0;
    BOOST_CHECK_EQUAL(connect(alice, outbound, POSTERN_VERIFY_SKIPPED, "a.example").action,
                      POSTERN_ACTION_ALLOW);
    // Whatever its certificate says.
    BOOST_CHECK_EQUAL(connect(bob, outbound, POSTERN_VERIFY_SKIPPED, "a.example").action,
                      POSTERN_ACTION_DENY);
    BOOST_CHECK_EQUAL(connect(bob, outbound, POSTERN_VERIFY_SKIPPED, "b.example").action,
                      POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(what_waits_is_refused_until_it_is_approved) {
    begin("approve");
    for (int i = 0; i < 2; ++i) {
        const Answer answer = connect(alice, POSTERN_CONN_INBOUND, POSTERN_VERIFY_SKIPPED);
        BOOST_CHECK_EQUAL(answer.reason, POSTERN_REASON_PIN_PENDING);
        BOOST_CHECK_NE(answer.detail.find("postern pin approve"), std::string::npos);
    }
    BOOST_REQUIRE_EQUAL(host.stored.size(), 1u);
    BOOST_CHECK(host.changes.empty());
    const std::string file = directory.file("pins/" + stored(".pending"));
    std::filesystem::rename(file, file.substr(0, file.rfind('.')) + ".pin");
    let_it_look();
    BOOST_CHECK_EQUAL(connect(alice, POSTERN_CONN_INBOUND, POSTERN_VERIFY_SKIPPED).action,
                      POSTERN_ACTION_ALLOW);
    // A new key of hers waits in turn.
    BOOST_CHECK_EQUAL(connect(alices_next, POSTERN_CONN_INBOUND, POSTERN_VERIFY_SKIPPED).reason,
                      POSTERN_REASON_PIN_PENDING);
}

BOOST_AUTO_TEST_CASE(a_pinned_authority_that_is_merely_sent_along_approves_nobody) {
    const Issued authority = tls::test::issue_authority("Root CA");
    store("authority", pin_of(authority));
    begin("approve");
    const auto chain = tls::test::chain_of({&alice, &authority});
    BOOST_CHECK_EQUAL(ask({chain, nullptr, "", POSTERN_VERIFY_SKIPPED}).action,
                      POSTERN_ACTION_ALLOW);
    BOOST_CHECK_EQUAL(established(chain, POSTERN_CONN_INBOUND, POSTERN_VERIFY_SKIPPED, "").reason,
                      POSTERN_REASON_PIN_PENDING);
}

BOOST_AUTO_TEST_CASE(strangers_cannot_fill_the_store) {
    begin("approve");
    for (int i = 0; i < 100; ++i) {
        store(std::to_string(i) + ".pending", pin_of(bob) + " for=" + std::to_string(i) + "\n");
    }
    let_it_look();
    const Answer answer = connect(alice);
    BOOST_CHECK_EQUAL(answer.reason, POSTERN_REASON_PIN_PENDING);
    BOOST_CHECK_NE(answer.detail.find("not kept"), std::string::npos);
    BOOST_CHECK(host.stored.empty());
}

BOOST_AUTO_TEST_CASE(a_key_that_another_holds_is_of_no_use_under_another_name) {
    store("alice.pin", pin_of(alice) + " for=dns:bob.example\n");
    begin("off");
    BOOST_CHECK_EQUAL(connect(alice).reason, POSTERN_REASON_NOT_PINNED);
}

BOOST_AUTO_TEST_SUITE_END()
