#include "core/plugin/conformance.h"

#include <csignal>
#include <string>

#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "core/plugin/call_scope.h"

namespace postern::plugin::test {
namespace {

// The checks that failed, with what was found.
std::string failures(const std::string& plugin) {
    const auto findings =
        check_conformance(std::string(POSTERN_TEST_PLUGINS) + "/" + plugin + ".so");
    if (!findings) return findings.error().message;
    std::string failed;
    for (const Finding& finding : *findings) {
        if (!finding.passed) failed += finding.check + ": " + finding.detail + "\n";
    }
    return failed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conformance)

BOOST_AUTO_TEST_CASE(sound_module_passes_every_check) {
    BOOST_TEST(failures("plain") == "");
}

BOOST_AUTO_TEST_CASE(second_exported_symbol_fails) {
    BOOST_TEST(failures("two_symbols").find("one_symbol_too_many") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(missing_entry_and_wrong_versions_fail) {
    BOOST_TEST(failures("no_entry").find("postern_module_v1 is missing") != std::string::npos);
    BOOST_TEST(failures("other_major").find("is built for plugin ABI 2.0") != std::string::npos);
    BOOST_TEST(failures("null").find("does not serve") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(entry_that_crashes_is_reported_and_harms_nobody) {
    BOOST_TEST(failures("crashes").find("entry: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(crash_report_names_the_plugin_it_was_in) {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        install_crash_reporter();
        const CallScope scope("org.example.fragile");
        ::raise(SIGSEGV);
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string text(512, '\0');
    const ssize_t got = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_REQUIRE(got > 0);
    text.resize(static_cast<std::size_t>(got));
    BOOST_TEST(text == "postern: crashed inside plugin org.example.fragile: SIGSEGV\n");
    BOOST_TEST(WIFSIGNALED(status));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
