#include "core/upstream/child/pipes.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "core/base/clock.h"
#include "core/upstream/child/turn_slice.h"
#include "tests/unit/upstream/child_fixture.h"

using namespace postern;

namespace {

bool no_child_is_left() {
    return test::eventually([] { return upstream::ChildReaper::live() == 0; });
}

std::size_t descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

// Children of this process that have ended and were not reaped, and those that run.
std::size_t children_in_kernel() {
    std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    std::size_t count = 0;
    for (pid_t pid = 0; file >> pid;) ++count;
    return count;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_pipes)

BOOST_AUTO_TEST_CASE(lines_go_in_and_come_out) {
    test::ChildHome home;
    test::Child child(home, test::command({"/bin/cat"}));
    home.run([&] {
        BOOST_TEST(child.child->pid() == 0);  // not started yet: what is sent waits
        child.child->send("{\"id\":1}");
        child.child->send("{\"id\":\n2}");
        BOOST_TEST(child.child->queued() == 19u);
    });
    BOOST_REQUIRE(child.witness.wait_for_lines(2));
    child.send("{}");
    BOOST_REQUIRE(child.witness.wait_for_lines(3));
    const std::vector<std::string> expected{"{\"id\":1}", "{\"id\": 2}", "{}"};
    BOOST_TEST(child.witness.lines() == expected, boost::test_tools::per_element());
    home.run([&] {
        BOOST_TEST(child.child->pid() == child.witness.pid());
        BOOST_TEST(child.child->queued() == 0u);
    });
    child.stop();  // cat ends with its input
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.ends().front() == "exited with code 0");
    BOOST_TEST(child.witness.ends().size() == 1u);
}

BOOST_AUTO_TEST_CASE(everything_said_before_the_end_arrives_before_the_end) {
    test::ChildHome home;
    test::Child child(home, test::shell("i=0; while [ $i -lt 500 ]; do echo $i; i=$((i+1)); done; "
                                        "printf last; exit 3"));
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.lines().size() == 501u);
    BOOST_TEST(child.witness.lines().back() == "last");
    BOOST_TEST(child.witness.ends().front() == "exited with code 3");
    child.send("nobody hears this");
}

BOOST_AUTO_TEST_CASE(a_killed_child_is_said_to_be_within_a_second) {
    test::ChildHome home;
    test::Child child(home, test::command({"/bin/cat"}));
    child.send("up");
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    const auto start = std::chrono::steady_clock::now();
    ::kill(child.witness.pid(), SIGKILL);
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(seconds_since(start) < 1.0);
    BOOST_TEST(child.witness.ends().front() == "killed by signal 9 (KILL)");
}

BOOST_AUTO_TEST_CASE(a_line_over_the_limit_ends_the_child) {
    config::Stdio settings = test::shell("echo ok; head -c 5000 /dev/zero | tr '\\0' x; echo; cat");
    settings.max_line = 4096;
    test::ChildHome home;
    test::Child child(home, settings);
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.ends().front() == "sent a line of more than 4KiB");
    BOOST_TEST(child.witness.lines() == std::vector<std::string>{"ok"},
               boost::test_tools::per_element());
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(a_big_line_passes_in_both_directions) {
    test::ChildHome home;
    test::Child child(home, test::command({"/bin/cat"}));
    child.send(std::string(9 << 20, 'x'));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    BOOST_TEST(child.witness.lines().front().size() == std::size_t{9} << 20);
    BOOST_TEST(child.witness.writable() == 1);
}

// Each line takes more than its child's slice of a turn, so each is the last of its turn.
BOOST_AUTO_TEST_CASE(who_shares_the_loop_comes_between_the_lines_of_a_flood) {
    test::ChildHome home;
    test::Child child(home, test::command({"/usr/bin/seq", "1", "200"}));
    int turns = 0;
    std::vector<int> seen;
    std::function<void()> every_turn = [&] {
        ++turns;
        if (seen.size() < 200) home.loop->post(every_turn);
    };
    child.witness.on_each_line = [&](std::string_view) {
        seen.push_back(turns);
        const std::uint64_t end = system_clock().monotonic_ns() + 2 * upstream::TurnSlice::kSliceNs;
        while (system_clock().monotonic_ns() < end) {
        }
    };
    home.run(every_turn);
    BOOST_REQUIRE(child.witness.wait_for_end());
    home.run([&] {
        BOOST_REQUIRE(seen.size() == 200u);
        BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
    });
}

BOOST_AUTO_TEST_CASE(a_pause_holds_the_child_and_nothing_is_lost) {
    test::ChildHome home;
    test::Child child(home, test::command({"/usr/bin/seq", "1", "200000"}));
    child.witness.on_each_line = [&](std::string_view line) {
        if (line == "1000") child.child->pause();
    };
    BOOST_REQUIRE(child.witness.wait_for_lines(1000));
    home.run([] {});
    home.run([] {});
    BOOST_TEST(child.witness.lines().size() == 1000u);
    // It fills the pipe and waits; it has not ended.
    BOOST_TEST(child.witness.ends().empty());
    home.run([&] { child.child->resume(); });
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.lines().size() == 200'000u);
    BOOST_TEST(child.witness.lines().back() == "200000");
}

BOOST_AUTO_TEST_CASE(what_a_paused_child_said_before_its_end_waits_for_the_end_of_the_pause) {
    test::ChildHome home;
    test::Child child(home, test::shell("echo one; echo two; echo three"));
    child.witness.on_each_line = [&](std::string_view line) {
        if (line == "one") child.child->pause();
    };
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    BOOST_REQUIRE(no_child_is_left());
    home.run([] {});
    BOOST_TEST(child.witness.ends().empty());
    home.run([&] { child.child->resume(); });
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.lines().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_paused_child_that_is_stopped_ends) {
    test::ChildHome home;
    test::Child child(home, test::shell("echo one; echo two; exec cat"));
    home.run([&] { child.child->pause(); });
    BOOST_REQUIRE(child.witness.wait([](const auto&) { return true; }));
    child.stop();
    BOOST_REQUIRE(child.witness.wait_for_end());
}

BOOST_AUTO_TEST_CASE(a_child_that_does_not_read_fills_the_queue_and_says_so_once_it_reads) {
    const test::TemporaryFolder folder;
    test::ChildHome home;
    test::Child child(home, test::shell("echo up; while [ ! -e " + folder.path +
                                        "/go ]; do sleep 0.01; done; exec cat 3>&1 > /dev/null"));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    for (int i = 0; i < 8; ++i) child.send(std::string(100'000, 'x'));
    home.run([&] { BOOST_TEST(child.child->queued() > upstream::StdioChild::kHighWater); });
    BOOST_TEST(child.witness.writable() == 0);
    folder.write("go", "");
    BOOST_TEST(test::eventually([&] {
        std::size_t queued = 1;
        home.run([&] { queued = child.child->queued(); });
        return queued == 0;
    }));
    BOOST_TEST(child.witness.writable() == 1);
}

BOOST_AUTO_TEST_CASE(a_stopped_child_that_ignores_sigterm_is_killed) {
    test::ChildHome home;
    test::Child child(home, test::probe({"stubborn"}));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    const auto start = std::chrono::steady_clock::now();
    child.stop();
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.ends().front() == "killed by signal 9 (KILL)");
    BOOST_TEST(seconds_since(start) > 3.5);
    BOOST_TEST(seconds_since(start) < 6.0);
}

BOOST_AUTO_TEST_CASE(a_stopped_child_goes_on_to_its_end_when_nobody_holds_it) {
    test::ChildHome home;
    test::Child child(home, test::shell("trap 'exit 0' TERM; echo ready; "
                                        "while :; do sleep 0.05; done"));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    const pid_t pid = child.witness.pid();
    child.stop();
    child.drop();
    BOOST_TEST(test::is_alive(pid));
    BOOST_TEST(no_child_is_left());
    BOOST_TEST(child.witness.ends().empty());
}

BOOST_AUTO_TEST_CASE(a_child_that_is_given_up_is_killed_with_its_group) {
    const test::TemporaryFolder folder;
    test::ChildHome home;
    // A small fork bomb: every process starts two more until there are enough.
    test::Child child(home, test::shell("cd " + folder.path +
                                        "; bomb() { echo $1 >> pids; [ $1 -ge 5 ] || "
                                        "{ bomb $(($1+1)) & bomb $(($1+1)) & }; "
                                        "exec sleep 1000; }; bomb 0 & echo up; wait"));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    const pid_t group = child.witness.pid();
    BOOST_REQUIRE(test::eventually([&] {
        std::ifstream file(folder.path + "/pids");
        return std::count(std::istreambuf_iterator<char>(file), {}, '\n') >= 40;
    }));
    child.drop();
    BOOST_TEST(no_child_is_left());
    BOOST_TEST(test::eventually([&] { return ::kill(-group, 0) != 0 && errno == ESRCH; }));
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_group_goes_with_its_leader) {
    test::ChildHome home;
    test::Child child(home, test::shell("sleep 1000 & echo $!"));
    BOOST_REQUIRE(child.witness.wait_for_end());
    const pid_t left = std::stoi(child.witness.lines().front());
    const pid_t group = child.witness.pid();
    BOOST_TEST(left != group);
    BOOST_TEST(test::eventually([&] { return ::kill(-group, 0) != 0 && errno == ESRCH; }));
}

BOOST_AUTO_TEST_CASE(a_child_may_be_dropped_before_it_has_been_started) {
    test::ChildHome home;
    for (int i = 0; i < 50; ++i) {
        test::Child child(home, test::command({"/bin/cat"}));
        if (i % 2 == 0) child.stop();
    }
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(a_loop_that_ends_first_leaves_nothing_behind) {
    test::ChildWitness witness;
    {
        test::ChildHome home;
        auto start = upstream::make_child_starter(test::command({"/bin/cat"}), {}, home.pool);
        BOOST_REQUIRE(start.ok());
        std::vector<std::unique_ptr<upstream::StdioChild>> children;
        home.run([&] {
            for (int i = 0; i < 20; ++i) children.push_back((*start)(*home.loop, {}, witness));
        });
        home.run([&] { children.clear(); });
    }
    BOOST_TEST(no_child_is_left());
    BOOST_TEST(witness.ends().empty());
}

BOOST_AUTO_TEST_CASE(a_child_without_an_output_is_ended) {
    test::ChildHome home;
    test::Child child(home, test::probe({"silent"}));
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.ends().front() == "closed its standard output");
    child.drop();
    BOOST_TEST(no_child_is_left());
}

BOOST_AUTO_TEST_CASE(a_child_without_an_input_is_ended) {
    test::ChildHome home;
    test::Child child(home, test::probe({"deaf"}));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    child.send("hello?");
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.ends().front() == "closed its standard input");
}

// The polite steps would take four seconds, and the process would count for nobody meanwhile.
BOOST_AUTO_TEST_CASE(who_breaks_the_protocol_is_killed_at_once) {
    config::Stdio too_long =
        test::shell("trap '' TERM; head -c 5000 /dev/zero; while :; do :; done");
    too_long.max_line = 4096;
    for (const auto& settings :
         {too_long, test::shell("trap '' TERM; exec >&-; sleep 60; sleep 60")}) {
        test::ChildHome home;
        test::Child child(home, settings);
        const auto start = std::chrono::steady_clock::now();
        BOOST_REQUIRE(child.witness.wait_for_end());
        BOOST_TEST(test::eventually([] { return upstream::ChildReaper::live() == 0; }));
        BOOST_TEST(seconds_since(start) < 1.5);
    }
}

BOOST_AUTO_TEST_CASE(a_child_that_breaks_the_protocol_and_is_dropped_is_killed) {
    test::ChildHome home;
    test::Child child(home, test::shell("trap '' TERM; echo up; exec >&-; sleep 60; sleep 60"));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    const std::string output = "/proc/" + std::to_string(child.witness.pid()) + "/fd/1";
    BOOST_REQUIRE(test::eventually([&] { return !std::filesystem::exists(output); }));
    const auto start = std::chrono::steady_clock::now();
    child.drop();
    BOOST_TEST(no_child_is_left());
    BOOST_TEST(seconds_since(start) < 1.5);
}

// What is counted is a process: it is not said to have ended while it takes its time.
BOOST_AUTO_TEST_CASE(a_stopped_child_that_closes_its_output_has_not_ended_yet) {
    test::ChildHome home;
    test::Child child(home, test::shell("echo up; read x; exec >&-; sleep 0.8; exit 7"));
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    child.stop();
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.ends().front() == "exited with code 7");
}

BOOST_AUTO_TEST_CASE(a_flood_of_errors_holds_neither_the_child_nor_the_loop) {
    test::ChildHome home;
    test::Child child(home, test::shell("yes 'an error of some length' | head -c 20000000 >&2; "
                                        "echo done"));
    BOOST_REQUIRE(child.witness.wait_for_end());
    BOOST_TEST(child.witness.lines() == std::vector<std::string>{"done"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_pool_is_an_end_and_not_a_wait) {
    test::ChildHome home;
    WorkerPool pool(1, 0);
    auto start = upstream::make_child_starter(test::command({"/bin/cat"}), {}, pool);
    BOOST_REQUIRE(start.ok());
    test::ChildWitness witness;
    std::unique_ptr<upstream::StdioChild> child;
    home.run([&] {
        child = (*start)(*home.loop, {}, witness);
        BOOST_TEST(witness.ends().empty());
    });
    BOOST_REQUIRE(witness.wait_for_end());
    BOOST_TEST(witness.ends().front().find("could not be started") == 0u);
    home.run([&] { child.reset(); });
}

BOOST_AUTO_TEST_CASE(two_hundred_starts_leave_no_descriptor_and_no_zombie) {
    test::ChildHome home;
    { const test::Child first(home, test::command({"/bin/true"})); }
    BOOST_REQUIRE(no_child_is_left());
    const std::size_t before = descriptors();
    for (int i = 0; i < 200; ++i) {
        test::Child child(home, test::command({i % 2 == 0 ? "/bin/true" : "/bin/cat"}));
        if (i % 4 == 0) BOOST_REQUIRE(child.witness.wait_for_end());
    }
    BOOST_TEST(no_child_is_left());
    BOOST_TEST(test::eventually([&] { return descriptors() <= before; }));
    BOOST_TEST(children_in_kernel() == 0u);
}

BOOST_AUTO_TEST_CASE(all_children_can_be_ended_at_once) {
    test::ChildHome home;
    test::Child one(home, test::probe({"stubborn"}));
    test::Child two(home, test::probe({"stubborn"}));
    BOOST_REQUIRE(one.witness.wait_for_lines(1));
    BOOST_REQUIRE(two.witness.wait_for_lines(1));
    BOOST_TEST(upstream::ChildReaper::live() == 2u);
    BOOST_TEST(upstream::ChildReaper::kill_all(2'000'000'000));
    BOOST_TEST(upstream::ChildReaper::live() == 0u);
    BOOST_TEST(one.witness.wait_for_end());
    BOOST_TEST(two.witness.wait_for_end());
}

BOOST_AUTO_TEST_CASE(a_child_does_not_outlive_the_pool_that_started_it) {
    test::ChildHome home;
    auto pool = std::make_unique<WorkerPool>(1, 4);
    auto start = upstream::make_child_starter(test::probe({"stubborn"}), {}, *pool);
    BOOST_REQUIRE(start.ok());
    test::ChildWitness witness;
    std::unique_ptr<upstream::StdioChild> child;
    home.run([&] { child = (*start)(*home.loop, {}, witness); });
    BOOST_REQUIRE(witness.wait_for_lines(1));
    pool.reset();
    BOOST_REQUIRE(witness.wait_for_end());
    BOOST_TEST(witness.ends().front() == "killed by signal 9 (KILL)");
    home.run([&] { child.reset(); });
}

// Run by hand with --run_test=child_pipes/what_a_start_costs --log_level=message.
BOOST_AUTO_TEST_CASE(what_a_start_costs) {
    test::ChildHome home;
    const int count = 100;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
        test::Child child(home, test::command({"/bin/true"}));
        BOOST_REQUIRE(child.witness.wait_for_end());
    }
    BOOST_TEST_MESSAGE("start to end of /bin/true: " << seconds_since(start) / count * 1e6
                                                     << " us");
}

BOOST_AUTO_TEST_SUITE_END()
