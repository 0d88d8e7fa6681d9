#include "core/upstream/child/system_calls.h"

#include "core/upstream/child/landlock.h"
#include "tests/unit/upstream/child_fixture.h"

using namespace postern;
namespace fs = std::filesystem;

namespace {

const std::string kRefused = "refused: Operation not permitted";

bool cannot_be_tried() {
    if (upstream::landlock_version() > 0 && !upstream::child_system_call_filter().empty()) {
        return false;
    }
    BOOST_TEST_MESSAGE("skipped: no Landlock, or no filter for this architecture");
    return true;
}

// What is said with the gate's files hidden; the gate is this test.
std::string guarded(config::Stdio settings) {
    settings.hide_gate_files = true;
    const auto said = test::said_by(settings);
    return said.empty() ? "nothing" : said.front();
}
std::string guarded_probe(const std::string& action, pid_t pid) {
    return guarded(test::probe({action, std::to_string(pid)}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_system_calls)

BOOST_AUTO_TEST_CASE(the_gate_keeps_its_limits_and_its_share_of_the_machine) {
    if (cannot_be_tried()) return;
    for (const char* action : {"set-limit", "set-scheduler", "set-affinity", "set-priority",
                               "set-user-priority", "set-io-priority", "attach"}) {
        BOOST_TEST(guarded_probe(action, ::getpid()) == kRefused, action);
    }
}

BOOST_AUTO_TEST_CASE(a_child_changes_and_asks_what_is_its_own) {
    if (cannot_be_tried()) return;
    for (const char* action : {"set-limit", "set-scheduler", "set-affinity", "set-priority",
                               "set-io-priority", "ask-limit"}) {
        BOOST_TEST(guarded_probe(action, 0) == "got it", action);
    }
    BOOST_TEST(guarded_probe("ask-affinity", ::getpid()) == "got it");
}

BOOST_AUTO_TEST_CASE(no_other_interface_of_the_kernel_leads_around) {
    if (cannot_be_tried()) return;
#if defined(__x86_64__)
    BOOST_TEST(guarded_probe("x32", 0) == kRefused);
#endif
}

BOOST_AUTO_TEST_CASE(without_hiding_nothing_is_refused) {
    BOOST_TEST(test::said_by(test::probe({"set-limit", std::to_string(::getpid())})).front() ==
               "got it");
}

BOOST_AUTO_TEST_CASE(nothing_is_written_below_proc_and_sys) {
    if (cannot_be_tried()) return;
    const std::string process = "/proc/" + std::to_string(::getpid());
    for (const std::string& file : {process + "/oom_score_adj", process + "/comm",
                                    std::string("/proc/sys/kernel/core_pattern"),
                                    std::string("/sys/kernel/mm/transparent_hugepage/enabled")}) {
        if (!fs::exists(file)) continue;
        BOOST_TEST(guarded(test::probe({"write", file})).starts_with("refused: "), file);
        BOOST_TEST(guarded(test::probe({"read", file})).starts_with("got "), file);
    }
}

BOOST_AUTO_TEST_CASE(the_gates_program_cannot_be_replaced) {
    if (cannot_be_tried()) return;
    const fs::path program = fs::read_symlink("/proc/self/exe");
    const std::string beside = (program.parent_path() / "not-there").string();
    BOOST_TEST(guarded(test::probe({"rename", program, program.string() + ".old"}))
                   .starts_with("refused: "));
    BOOST_TEST(guarded(test::probe({"create", beside})).starts_with("refused: "));
    BOOST_TEST(!fs::exists(beside));
    // A child that works in that folder keeps it, but for the program.
    config::Stdio settings = test::probe({"rename", program, program.string() + ".old"});
    settings.working_directory = program.parent_path().string();
    BOOST_TEST(guarded(settings).starts_with("refused: "));
    BOOST_TEST(fs::exists(program));
}

BOOST_AUTO_TEST_SUITE_END()
