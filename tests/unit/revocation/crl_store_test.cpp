// How the plugin finds, reads and watches its files.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/unit/revocation/revocation_fixture.h"

namespace postern::revocation {
namespace {

using namespace test;
using fake::FakeNode;
using std::chrono::hours;
using std::chrono::seconds;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

struct StoreFixture : RevocationFixture {
    Entries files(const std::string& name) const {
        return {{"crl_files", FakeNode::array({path(name)})}};
    }
    Entries in_directory() const { return {{"crl_directory", directory.string()}}; }
    bool facts_changed() {
        const bool changed = host.changes == std::vector<std::uint32_t>{POSTERN_CHANGED_FACTS};
        host.changes.clear();
        return changed;
    }
};

BOOST_FIXTURE_TEST_SUITE(crl_store, StoreFixture)

BOOST_AUTO_TEST_CASE(a_missing_file_is_an_error_at_start) {
    const std::string error = start_error(files("none.crl"));
    BOOST_TEST(has(error, path("none.crl")));
    BOOST_TEST(has(error, "cannot be opened"));
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_an_error_at_start_that_says_where) {
    Der der = crl({{5}}).write();
    der.resize(der.size() - 10);
    write("a.crl", der);
    const std::string error = start_error(files("a.crl"));
    BOOST_TEST(has(error, path("a.crl") + ": byte "));
    BOOST_TEST(has(error, "ends early"));
}

BOOST_AUTO_TEST_CASE(files_that_are_no_crl_are_errors_at_start) {
    write("empty.crl", Der{});
    BOOST_TEST(has(start_error(files("empty.crl")), "empty"));
    write("text.crl", std::string("hello\n"));
    BOOST_TEST(has(start_error(files("text.crl")), "neither DER nor PEM"));
    write("more.crl", crl().write() + Der{0});
    BOOST_TEST(has(start_error(files("more.crl")), "bytes after the CRL"));
    write("more.pem", pem(crl().write() + Der{0}));
    BOOST_TEST(has(start_error(files("more.pem")), "bytes after the CRL"));
    BOOST_TEST(has(start_error({{"crl_files", FakeNode::array({directory.string()})}}),
                   "not a regular file"));
    BOOST_TEST_REQUIRE(mkfifo(path("fifo.crl").c_str(), 0600) == 0);
    BOOST_TEST(has(start_error(files("fifo.crl")), "not a regular file"));
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_an_error_and_an_empty_one_is_not) {
    BOOST_TEST(has(start_error({{"crl_directory", path("none")}}), "cannot be listed"));
    start(in_directory());
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(only_files_with_their_suffixes_are_read_from_a_directory) {
    write("notes.txt", std::string("hello"));
    write(".hidden.crl", std::string("hello"));
    write("a.der", crl({{5}}).write());
    start(in_directory());
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_replaced_file_acts_within_seconds) {
    start_with(crl());
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ALLOW);
    pass(seconds(10));
    BOOST_TEST(host.changes.empty());
    write("a.crl", crl({{5}}).write());
    pass(seconds(2));
    BOOST_TEST(facts_changed());
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_broken_replacement_leaves_the_last_good_one_in_force) {
    start_with(crl({{5}}));
    write("a.crl", std::string("garbage"));
    pass(seconds(10));
    BOOST_TEST(host.logged(POSTERN_LOG_ERROR, "what was read before stays in force") == 1u);
    BOOST_TEST(host.changes.empty());
    BOOST_TEST(host.metrics["crl_load_failures_total"] == 1);
    write("a.crl", crl({{6}}).write());
    pass(seconds(2));
    BOOST_TEST(facts_changed());
    BOOST_TEST(check_serial({6}).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_file_that_disappears_stays_in_force) {
    start_with(crl({{5}}));
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
    std::filesystem::remove(path("a.crl"));
    pass(hours(3));
    BOOST_TEST(host.logged(POSTERN_LOG_ERROR, "cannot be opened") == 1u);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(files_come_and_go_in_a_directory) {
    start(in_directory());
    write("a.crl", crl({{5}}).write());
    pass(seconds(2));
    BOOST_TEST(facts_changed());
    BOOST_TEST(host.metrics["revoked_serials"] == 1);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
    std::filesystem::remove(path("a.crl"));
    pass(seconds(2));
    BOOST_TEST(facts_changed());
    BOOST_TEST(host.metrics["revoked_serials"] == 0);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(a_directory_that_disappears_leaves_its_crls_in_force) {
    write("a.crl", crl({{5}}).write());
    start(in_directory());
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
    std::filesystem::remove_all(directory);
    pass(seconds(10));
    BOOST_TEST(host.logged(POSTERN_LOG_ERROR, "cannot be listed") == 1u);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(the_same_bytes_written_again_change_nothing) {
    const Der der = crl({{5}}).write();
    write("a.crl", der);
    start(files("a.crl"));
    check_serial({5});
    const std::size_t checked = signatures_checked();
    write("a.crl", der);
    pass(hours(2));
    BOOST_TEST(host.changes.empty());
    check_serial({5});
    BOOST_TEST(signatures_checked() == checked);
}

BOOST_AUTO_TEST_CASE(a_crl_that_runs_out_is_announced_and_changes_answers) {
    CrlWriter writer = crl();
    writer.this_update = utc_time(kNow - 90);
    writer.next_update = utc_time(kNow + 10);
    start_with(writer);
    BOOST_TEST(host.logged(POSTERN_LOG_WARNING, "is due to be replaced") == 0u);
    pass(seconds(4));
    BOOST_TEST(host.logged(POSTERN_LOG_WARNING, "is due to be replaced") == 1u);
    BOOST_TEST(host.changes.empty());
    pass(seconds(20));
    BOOST_TEST(host.logged(POSTERN_LOG_ERROR, "is no longer used") == 1u);
    BOOST_TEST(facts_changed());
}

BOOST_AUTO_TEST_CASE(loading_is_logged) {
    start_with(crl({{5}}));
    BOOST_TEST(host.logged(POSTERN_LOG_INFO, "CRL loaded") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
