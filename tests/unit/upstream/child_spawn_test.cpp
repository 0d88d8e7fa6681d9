#include "core/upstream/child/spawn.h"

#include <pwd.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/unit/upstream/child_fixture.h"

using namespace postern;

namespace {

bool has(const std::vector<std::string>& lines, std::string_view start) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
}

std::string why_not(const config::Stdio& settings) {
    WorkerPool pool(1, 1);
    const auto made = upstream::make_child_starter(settings, {}, pool);
    return made ? "" : made.error().message;
}

std::string end_of(const config::Stdio& settings) {
    test::ChildHome home;
    test::Child child(home, settings);
    BOOST_REQUIRE(child.witness.wait_for_end());
    return child.witness.ends().front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_spawn)

BOOST_AUTO_TEST_CASE(signals_are_as_they_were_at_the_beginning_of_time) {
    test::ChildHome home;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    WorkerPool pool(1, 4);  // its thread blocks SIGTERM, and SIGPIPE is ignored
    auto start =
        upstream::make_child_starter(test::command({"/bin/cat", "/proc/self/status"}), {}, pool);
    BOOST_REQUIRE(start.ok());
    test::ChildWitness witness;
    std::unique_ptr<upstream::StdioChild> child;
    home.run([&] { child = (*start)(*home.loop, {}, witness); });
    BOOST_REQUIRE(witness.wait_for_end());
    home.run([&] { child.reset(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    const auto lines = witness.lines();
    BOOST_TEST(has(lines, "SigBlk:\t0000000000000000"));
    BOOST_TEST(has(lines, "SigIgn:\t0000000000000000"));
    BOOST_TEST(has(lines, "NoNewPrivs:\t1"));
}

BOOST_AUTO_TEST_CASE(no_descriptor_is_inherited) {
    const UniqueFd open(::dup(STDERR_FILENO));  // without close-on-exec
    const auto lines = test::said_by(test::shell("echo /proc/$$/fd/*"));
    BOOST_REQUIRE(lines.size() == 1u);
    std::string shown = lines.front();
    std::string names;
    for (std::size_t at = 0; (at = shown.find("/fd/", at)) != std::string::npos; at += 4) {
        names += shown.substr(at + 4, shown.find(' ', at) - at - 4) + " ";
    }
    // dash opens the folder that it lists.
    BOOST_TEST((names == "0 1 2 " || names == "0 1 2 3 "), names);
    const auto cat = test::said_by(test::command({"/usr/bin/readlink", "/proc/self/fd/0"}));
    BOOST_REQUIRE(cat.size() == 1u);
    BOOST_TEST(cat.front().starts_with("pipe:"));
}

BOOST_AUTO_TEST_CASE(a_child_leads_a_session_of_its_own) {
    BOOST_TEST(test::said_by(test::probe({"session"})).front() == "got it");
}

BOOST_AUTO_TEST_CASE(the_working_directory_is_the_root_or_what_is_configured) {
    BOOST_TEST(test::said_by(test::command({"/bin/pwd"})).front() == "/");
    config::Stdio settings = test::command({"pwd"});
    settings.working_directory = "/usr/bin";
    BOOST_TEST(test::said_by(settings).front() == "/usr/bin");
    settings.command = {"./pwd"};
    BOOST_TEST(test::said_by(settings).front() == "/usr/bin");
    settings.working_directory = "/nowhere";
    BOOST_TEST(why_not(settings) == "working_directory: /nowhere is not a folder");
}

BOOST_AUTO_TEST_CASE(limits_hold) {
    config::Stdio settings = test::shell("ulimit -c; ulimit -n; ulimit -v; ulimit -f; ulimit -Hn");
    settings.limits = {std::uint64_t{1} << 30, 77, 0, 1 << 20};
    const std::vector<std::string> expected{"0", "77", "1048576", "2048", "77"};
    BOOST_TEST(test::said_by(settings) == expected, boost::test_tools::per_element());
    settings = test::shell("ulimit -u");
    settings.limits.processes = 99;
    settings.command = {"/bin/cat", "/proc/self/limits"};
    bool found = false;
    for (const std::string& line : test::said_by(settings)) {
        found = found || (line.starts_with("Max processes") && line.find(" 99 ") != line.npos);
    }
    BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_an_error_at_once) {
    BOOST_TEST(why_not(test::command({"/nowhere/x"})) ==
               "command: /nowhere/x is not a program that can be run");
    BOOST_TEST(why_not(test::command({"no-such-program"}))
                   .find("command: there is no program \"no-such-program\" in PATH") == 0u);
    BOOST_TEST(why_not(test::command({"/etc/passwd"})).find("is not a program") !=
               std::string::npos);
    BOOST_TEST(why_not(test::command({"/usr"})).find("is not a program") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_program_that_cannot_be_loaded_says_why) {
    const test::TemporaryFolder folder;
    const std::string script = folder.write("script", "echo hello\n");
    std::filesystem::permissions(script, std::filesystem::perms(0755));
    BOOST_TEST(end_of(test::command({script})).find("starts with #!") != std::string::npos);
    folder.write("script", "#!/nowhere/interpreter\n");
    BOOST_TEST(end_of(test::command({script})) == "could not be started: command: cannot run " +
                                                      script + ": No such file or directory");
}

BOOST_AUTO_TEST_CASE(another_user_is_another_user) {
    config::Stdio settings = test::shell("id -u; id -g; id -G; echo $USER; cat /proc/self/status");
    settings.user = "no-such-user-here";
    BOOST_TEST(why_not(settings) == "user: there is no user \"no-such-user-here\"");
    if (::geteuid() != 0) {
        settings.user = "root";
        BOOST_TEST(why_not(settings).find("user: the gate may not switch") == 0u);
        BOOST_TEST_MESSAGE("skipped: only root can start a child as another user");
        return;
    }
    settings.user = "nobody";
    const passwd* nobody = ::getpwnam("nobody");
    BOOST_REQUIRE(nobody != nullptr);
    const auto lines = test::said_by(settings);
    BOOST_REQUIRE(lines.size() > 4u);
    BOOST_TEST(lines[0] == std::to_string(nobody->pw_uid));
    BOOST_TEST(lines[1] == std::to_string(nobody->pw_gid));
    BOOST_TEST(lines[2] == std::to_string(nobody->pw_gid));
    BOOST_TEST(lines[3] == "nobody");
    BOOST_TEST(has(lines, "CapEff:\t0000000000000000"));
    BOOST_TEST(has(lines, "CapPrm:\t0000000000000000"));
}

BOOST_AUTO_TEST_CASE(a_child_of_another_user_can_be_ended) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can start a child as another user");
        return;
    }
    config::Stdio settings = test::shell("echo up; exec sleep 1000");
    settings.user = "nobody";
    test::ChildHome home;
    test::Child child(home, settings);
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    child.drop();
    BOOST_TEST(test::eventually([] { return upstream::ChildReaper::live() == 0; }));
}

// The steps before the program are made to take longer than the deadline.
BOOST_AUTO_TEST_CASE(a_start_that_does_not_get_to_its_program_is_ended) {
    upstream::ChildPlan plan;
    plan.program = "/bin/true";
    plan.arguments = {"true"};
    plan.limits.assign(10'000'000, {RLIMIT_CORE, 0});
    const auto deadline = upstream::ChildReaper::limit_start(20'000'000);
    BOOST_REQUIRE(deadline);
    plan.deadline = deadline.get();
    const auto spawned = upstream::spawn_child(plan);
    BOOST_REQUIRE(!spawned.ok());
    BOOST_TEST(spawned.error().message ==
               "cannot start a child process: it did not get to its program in time");
}

// One of its user's other processes does this, with signals that no one can block.
BOOST_AUTO_TEST_CASE(a_start_that_is_stopped_does_not_hold_its_thread) {
    upstream::ChildPlan plan;
    plan.program = "/bin/true";
    plan.arguments = {"true"};
    plan.limits.assign(10'000'000, {RLIMIT_CORE, 0});
    const auto deadline = upstream::ChildReaper::limit_start(300'000'000);
    BOOST_REQUIRE(deadline);
    plan.deadline = deadline.get();
    const std::string children =
        "/proc/self/task/" + std::to_string(::syscall(SYS_gettid)) + "/children";
    pid_t stopped = 0;
    std::thread other([&] {
        const auto found = [&] { return static_cast<bool>(std::ifstream(children) >> stopped); };
        if (test::eventually(found)) ::kill(stopped, SIGSTOP);
    });
    const auto spawned = upstream::spawn_child(plan);
    other.join();
    BOOST_TEST(stopped > 0);
    BOOST_TEST(!spawned.ok());
}

BOOST_AUTO_TEST_SUITE_END()
