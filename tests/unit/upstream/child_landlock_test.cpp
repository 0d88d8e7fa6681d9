#include "core/upstream/child/landlock.h"

#include <chrono>
#include <cstddef>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/upstream/child/hidden_tree.h"
#include "tests/unit/upstream/child_fixture.h"

using namespace postern;
namespace fs = std::filesystem;

namespace {

// A gate's folder with a key, and a place to work.
struct Files {
    test::TemporaryFolder folder;
    std::string base = fs::canonical(folder.path).string();
    std::string key = folder.write("gate/key.pem", "THE KEY");
    std::string work = base + "/work";
    upstream::GateFiles files;

    Files() {
        fs::create_directory(work);
        folder.write("work/note", "a note\n");
        files.hidden = {base + "/gate"};
    }

    std::string try_to(std::vector<std::string> words) const {
        config::Stdio settings = test::probe({words.front()});
        words.resize(3);
        settings.environment = {{"FIRST", words[1]}, {"SECOND", words[2]}};
        settings.hide_gate_files = true;
        settings.working_directory = work;
        const auto said = test::said_by(settings, files);
        return said.empty() ? "nothing" : said.front();
    }
    std::vector<std::string> run(const std::string& script) const {
        config::Stdio settings = test::shell(script);
        settings.hide_gate_files = true;
        settings.working_directory = work;
        return test::said_by(settings, files);
    }
};

bool refused(const std::string& answer) {
    return answer.starts_with("refused: ");
}

bool no_landlock() {
    if (upstream::landlock_version() > 0) return false;
    BOOST_TEST_MESSAGE("skipped: this kernel has no Landlock");
    return true;
}

std::string error_of(const config::Stdio& settings, const upstream::GateFiles& files) {
    WorkerPool pool(1, 1);
    const auto made = upstream::make_child_starter(settings, files, pool);
    return made ? "" : made.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_landlock)

BOOST_AUTO_TEST_CASE(the_key_cannot_be_read_written_or_replaced) {
    if (no_landlock()) return;
    const Files gate;
    fs::create_directory(gate.base + "/other");
    BOOST_TEST(refused(gate.try_to({"read", gate.key})));
    BOOST_TEST(refused(gate.try_to({"write", gate.key})));
    BOOST_TEST(refused(gate.try_to({"rename", gate.key, gate.work + "/stolen"})));
    BOOST_TEST(refused(gate.try_to({"rename", gate.work + "/note", gate.key})));
    BOOST_TEST(refused(gate.try_to({"rename", gate.base + "/gate", gate.base + "/moved"})));
    BOOST_TEST(refused(gate.try_to({"rename", gate.base + "/gate", gate.work + "/moved"})));
    BOOST_TEST(refused(gate.try_to({"rename", gate.base, gate.base + "-moved"})));
    BOOST_TEST(refused(gate.try_to({"unlink", gate.key})));
    if (upstream::landlock_version() >= 3) {
        BOOST_TEST(refused(gate.try_to({"truncate", gate.key})));
    }
    std::ifstream key(gate.key);
    BOOST_TEST(std::string(std::istreambuf_iterator<char>(key), {}) == "THE KEY");
}

BOOST_AUTO_TEST_CASE(no_other_name_leads_to_the_key) {
    if (no_landlock()) return;
    const Files gate;
    fs::create_symlink(gate.key, gate.work + "/link");
    fs::create_directory_symlink(gate.base, gate.work + "/way");
    BOOST_TEST(refused(gate.try_to({"read", gate.work + "/link"})));
    BOOST_TEST(refused(gate.try_to({"read", gate.work + "/way/gate/key.pem"})));
    BOOST_TEST(refused(gate.try_to({"read", "../gate/key.pem"})));
    BOOST_TEST(refused(gate.try_to({"read", "/proc/self/root" + gate.key})));
    BOOST_TEST(refused(gate.try_to({"read", "/proc/self/cwd/../gate/key.pem"})));
    BOOST_TEST(refused(gate.try_to({"link", gate.key, gate.work + "/hard"})));
    BOOST_TEST(refused(gate.try_to({"handle", gate.key})));
    BOOST_TEST(refused(gate.try_to({"link-handle", gate.key, gate.work + "/hard"})));
    BOOST_TEST(!fs::exists(gate.work + "/hard"));
}

BOOST_AUTO_TEST_CASE(the_gate_itself_cannot_be_looked_into) {
    if (no_landlock()) return;
    const Files gate;
    const UniqueFd open(::open(gate.key.c_str(), O_RDONLY | O_CLOEXEC));
    const std::string process = "/proc/" + std::to_string(::getpid());
    BOOST_TEST(refused(gate.try_to({"read", process + "/root" + gate.key})));
    BOOST_TEST(refused(gate.try_to({"read", process + "/mem"})));
    BOOST_TEST(refused(gate.try_to({"write", process + "/mem"})));
    BOOST_TEST(refused(gate.try_to({"read", process + "/environ"})));
    BOOST_TEST(refused(gate.try_to({"read", process + "/fd/" + std::to_string(open.get())})));
    BOOST_TEST(gate.try_to({"read", process + "/cmdline"}).starts_with("got "));
}

BOOST_AUTO_TEST_CASE(the_gate_cannot_be_signalled_nor_its_abstract_sockets_reached) {
    if (no_landlock()) return;
    const Files gate;
    if (upstream::landlock_version() < 6) {
        BOOST_TEST_MESSAGE("skipped: this kernel's Landlock has no scopes");
        return;
    }
    BOOST_TEST(refused(gate.try_to({"signal", std::to_string(::getpid())})));
    const std::string name = "postern-test-" + std::to_string(::getpid());
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path + 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(socket.get(), 4) == 0);
    BOOST_TEST(refused(gate.try_to({"abstract", name})));
    BOOST_TEST(test::said_by(test::probe({"abstract", name})).front() == "got it");
}

BOOST_AUTO_TEST_CASE(all_else_is_as_before) {
    if (no_landlock()) return;
    const Files gate;
    const auto said = gate.run(
        "cat note; echo more > new && cat new; mkdir sub && mv new sub/new && ln sub/new hard && "
        "cat hard; ls .. | tr '\\n' ' '; echo; echo x > /dev/null && echo null; "
        "head -c 4 /proc/self/status; echo; cat /etc/passwd > /dev/null && echo passwd; "
        "echo out > /dev/stdout; echo tmp > $$.tmp && rm $$.tmp && echo removed; "
        "kill -0 $$ && echo signal; (exec cat sub/new)");
    const std::vector<std::string> expected{"a note",  "more",   "more",   "gate work ",
                                            "null",    "Name",   "passwd", "out",
                                            "removed", "signal", "more"};
    if (upstream::landlock_version() < 2) {
        BOOST_TEST_MESSAGE("skipped: nothing can be moved between folders before version 2");
        return;
    }
    BOOST_TEST(said == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_read_only_can_be_read_and_not_replaced) {
    if (no_landlock()) return;
    Files gate;
    const std::string plugin = gate.folder.write("plugins/a.so", "code");
    gate.folder.write("plugins/b.so", "code");
    gate.files.read_only = {gate.base + "/plugins"};
    gate.files.hidden.push_back(gate.base + "/plugins/b.so");
    BOOST_TEST(gate.try_to({"read", plugin}) == "got code");
    BOOST_TEST(refused(gate.try_to({"write", plugin})));
    BOOST_TEST(refused(gate.try_to({"unlink", plugin})));
    BOOST_TEST(refused(gate.try_to({"rename", gate.work + "/note", plugin})));
    BOOST_TEST(refused(gate.try_to({"read", gate.base + "/plugins/b.so"})));
}

BOOST_AUTO_TEST_CASE(what_comes_later_is_hidden_too) {
    if (no_landlock()) return;
    const Files gate;
    config::Stdio settings =
        test::shell("echo up; read go; cat " + gate.key + " " + gate.base + "/gate/new; echo end");
    settings.hide_gate_files = true;
    test::ChildHome home;
    test::Child child(home, settings, gate.files);
    BOOST_REQUIRE(child.witness.wait_for_lines(1));
    // A renewal: a new file with the same name, and a folder that did not exist.
    const std::string next = gate.folder.write("work/next", "NEW KEY");
    fs::rename(next, gate.key);
    gate.folder.write("gate/new", "NEW KEY");
    child.send("go");
    BOOST_REQUIRE(child.witness.wait_for_end());
    const std::vector<std::string> expected{"up", "end"};
    BOOST_TEST(child.witness.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_secret_in_the_working_directory_is_hidden_and_its_neighbours_are_not) {
    if (no_landlock()) return;
    Files gate;
    gate.files.hidden = {gate.folder.write("work/secret.env", "KEY=1\n")};
    BOOST_TEST(refused(gate.try_to({"read", gate.work + "/secret.env"})));
    BOOST_TEST(gate.try_to({"read", gate.work + "/note"}) == "got a note");
}

BOOST_AUTO_TEST_CASE(a_folder_is_hidden_whole_only_where_the_child_has_no_business) {
    if (no_landlock()) return;
    Files gate;
    const std::string neighbour = gate.folder.write("gate/old-key.pem", "OLD KEY");
    gate.files.hidden = {gate.key};
    BOOST_TEST(gate.try_to({"read", neighbour}) == "got OLD KEY");
    gate.files.hidden_folders = {gate.base + "/gate", gate.work, gate.base, "/tmp", "/"};
    BOOST_TEST(refused(gate.try_to({"read", neighbour})));
    BOOST_TEST(gate.try_to({"read", gate.work + "/note"}) == "got a note");
}

BOOST_AUTO_TEST_CASE(what_the_child_needs_is_not_hidden_in_silence) {
    if (no_landlock()) return;
    Files gate;
    config::Stdio settings = test::command({"/bin/cat"});
    settings.hide_gate_files = true;
    settings.working_directory = gate.base + "/gate";
    BOOST_TEST(error_of(settings, gate.files).find("hide_gate_files: " + gate.base + "/gate") ==
               0u);
    settings.working_directory.clear();
    settings.command.push_back(gate.key);
    BOOST_TEST(error_of(settings, gate.files).find("which the child needs") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(root_has_no_way_around) {
    if (no_landlock()) return;
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can start a child as root");
        return;
    }
    const Files gate;
    for (const auto& entry : fs::directory_iterator("/dev")) {
        if (!fs::is_block_file(entry.symlink_status())) continue;
        BOOST_TEST(refused(gate.try_to({"read", entry.path().string()})), entry.path().string());
    }
    BOOST_TEST(refused(gate.try_to({"block-device", gate.work + "/disk"})));
    BOOST_TEST(refused(gate.try_to({"mount", gate.base, gate.work})));
    BOOST_TEST(refused(gate.try_to({"read", "/proc/kcore"})));
    BOOST_TEST(gate.run("grep CapEff /proc/self/status").front() == "CapEff:\t00000000a00425fb");
}

BOOST_AUTO_TEST_CASE(every_version_of_landlock_makes_a_ruleset) {
    if (no_landlock()) return;
    upstream::HiddenTree tree;
    tree.add("/etc/postern", upstream::Access::none);
    tree.add("/etc/passwd", upstream::Access::read);
    for (int version = 1; version <= upstream::landlock_version(); ++version) {
        BOOST_TEST(upstream::make_landlock_ruleset(tree, version).ok());
    }
}

BOOST_AUTO_TEST_CASE(another_child_cannot_be_looked_into) {
    if (no_landlock()) return;
    const Files gate;
    config::Stdio settings = test::shell("echo up; read go");
    settings.hide_gate_files = true;
    settings.environment = {{"SECRET", "of the other"}};
    test::ChildHome home;
    test::Child other(home, settings, gate.files);
    BOOST_REQUIRE(other.witness.wait_for_lines(1));
    const std::string process = "/proc/" + std::to_string(other.witness.pid());
    BOOST_TEST(refused(gate.try_to({"read", process + "/environ"})));
    BOOST_TEST(refused(gate.try_to({"read", process + "/fd/0"})));
}

// Run by hand with --run_test=child_landlock/what_hiding_costs --log_level=message.
BOOST_AUTO_TEST_CASE(what_hiding_costs) {
    if (no_landlock()) return;
    upstream::HiddenTree tree;
    for (const char* path : {"/etc/postern", "/var/lib/postern", "/run/postern"}) {
        tree.add(path, upstream::Access::none);
    }
    const int count = 100;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
        BOOST_REQUIRE(upstream::make_landlock_ruleset(tree, upstream::landlock_version()).ok());
    }
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - start;
    BOOST_TEST_MESSAGE("a ruleset: " << taken.count() / count << " us");
}

BOOST_AUTO_TEST_SUITE_END()
