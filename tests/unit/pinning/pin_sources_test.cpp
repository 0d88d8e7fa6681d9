#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/unit/pinning/pinning_fixture.h"

using namespace postern;
using namespace postern::fake;
using tls::test::issue;
using tls::test::Issued;

namespace {

constexpr std::uint32_t kAll = POSTERN_CHANGED_POLICY | POSTERN_CHANGED_FACTS;

// A running plugin with one pin in its store.
struct Running : PinningFixture {
    Issued alice = issue({});
    Issued bob = issue({});

    Running() {
        store("alice", pin_of(alice) + "\n");
        BOOST_REQUIRE_EQUAL(configure(), POSTERN_OK);
        BOOST_REQUIRE_EQUAL(start(), POSTERN_OK);
    }
    bool allowed(const Issued& certificate) {
        return ask_presented({&certificate}).action == POSTERN_ACTION_ALLOW;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pin_sources, Running)

BOOST_AUTO_TEST_CASE(nothing_is_said_while_nothing_changes) {
    let_it_look();
    BOOST_CHECK(host.changes.empty());
    BOOST_CHECK(allowed(alice));
}

BOOST_AUTO_TEST_CASE(a_pin_that_is_added_is_honoured_within_seconds) {
    const auto digest = pinning().policy_digest();
    store("bob.pem", bob.pem());
    BOOST_CHECK(!allowed(bob));
    let_it_look();
    BOOST_CHECK(allowed(bob));
    BOOST_CHECK(allowed(alice));
    BOOST_CHECK(host.changes == std::vector<std::uint32_t>{kAll});
    BOOST_CHECK(pinning().policy_digest() != digest);
}

BOOST_AUTO_TEST_CASE(a_pin_that_is_removed_is_gone_within_seconds_even_the_last) {
    unstore("alice");
    let_it_look();
    BOOST_CHECK(!allowed(alice));
    BOOST_CHECK(host.changes == std::vector<std::uint32_t>{kAll});
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_ERROR, "no pin is left"), 1u);
}

BOOST_AUTO_TEST_CASE(a_store_that_is_removed_takes_its_pins_with_it) {
    std::filesystem::remove_all(directory.file("pins"));
    let_it_look();
    BOOST_CHECK(!allowed(alice));
}

BOOST_AUTO_TEST_CASE(a_pin_replaced_in_its_file_is_replaced) {
    store("alice", pin_of(bob) + "\n");
    let_it_look();
    BOOST_CHECK(allowed(bob));
    BOOST_CHECK(!allowed(alice));
}

BOOST_AUTO_TEST_CASE(a_half_written_file_keeps_its_last_good_pins_and_is_reported_once) {
    for (const char* half : {"sha256/abc", ""}) {
        store("alice", half);
        let_it_look();
        let_it_look();
        BOOST_CHECK(allowed(alice));
    }
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_ERROR, "what was held from there before stays"), 2u);
    BOOST_CHECK(host.changes.empty());
    store("alice", "# " + pin_of(alice) + "\n");
    let_it_look();
    BOOST_CHECK(!allowed(alice));
}

BOOST_AUTO_TEST_CASE(a_new_file_without_sense_adds_nothing_and_takes_nothing_away) {
    store("junk", "junk");
    let_it_look();
    BOOST_CHECK(allowed(alice));
    BOOST_CHECK(host.changes.empty());
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_ERROR, "junk:1:"), 1u);
}

BOOST_AUTO_TEST_CASE(a_configured_file_is_watched_as_the_store_is) {
    const std::string path = directory.write("bob.pem", bob.pem());
    BOOST_REQUIRE_EQUAL(configure({{"pinned_certificates", FakeNode::array({path})}}), POSTERN_OK);
    BOOST_CHECK(allowed(bob));
    std::filesystem::remove(path);
    let_it_look();
    BOOST_CHECK(!allowed(bob));
    BOOST_CHECK_EQUAL(host.logged(POSTERN_LOG_ERROR, "its pins are no longer held"), 1u);
}

BOOST_AUTO_TEST_CASE(a_drained_instance_looks_no_more) {
    BOOST_CHECK_EQUAL(host.timer_count(), 1u);
    pinning().drain();
    BOOST_CHECK_EQUAL(host.timer_count(), 0u);
}

BOOST_AUTO_TEST_SUITE_END()
