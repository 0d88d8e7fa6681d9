#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string with(std::string_view lines) {
    return smallest("kind = \"builtin\"", "kind = 'stdio'\n" + std::string(lines));
}

std::string errors_with(std::string_view lines) {
    return errors_of(with("command = ['server']\n" + std::string(lines)));
}

Stdio stdio_of(std::string_view lines) {
    const Loaded result = loaded(with(lines));
    BOOST_REQUIRE_MESSAGE(result.configuration.has_value(), errors_of(with(lines)));
    return std::get<Stdio>(result.configuration->listeners[0].routes[0].upstream);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_stdio_)

BOOST_AUTO_TEST_CASE(a_command_is_all_that_is_needed) {
    const Stdio stdio = stdio_of("command = ['server', '--flag', 'two words']");
    BOOST_REQUIRE(stdio.command.size() == 3u);
    BOOST_TEST(stdio.command[2] == "two words");
    BOOST_TEST(stdio.max_children == 64u);
    BOOST_TEST(stdio.idle_timeout_ns == 1800 * kSecond);
    BOOST_TEST(stdio.max_line == 10u * 1024 * 1024);
    BOOST_TEST(stdio.limits.address_space == 0u);
    BOOST_TEST(stdio.hide_gate_files);
    for (const char* lines : {"", "command = []"}) {
        BOOST_TEST(has(errors_of(with(lines)), "is missing; name the program"), lines);
    }
    BOOST_TEST(has(errors_of(with("command = ['']")), "is empty"));
    BOOST_TEST(has(errors_of(with("command = 'server --flag'")), "has to be an array"));
    BOOST_TEST(has(errors_of(with("command = [\"a\\u0000b\"]")), "no program can be given"));
}

BOOST_AUTO_TEST_CASE(the_environment_is_named_variable_by_variable) {
    const Stdio stdio = stdio_of(
        "command = ['server']\nenvironment_file = 'secrets'\npass_environment = ['LANG', 'TZ']\n"
        "[listener.route.upstream.environment]\nMODE = 'x'\n_a1 = ''");
    BOOST_REQUIRE(stdio.environment.size() == 2u);
    BOOST_TEST(stdio.environment_file == "/etc/postern/secrets");
    BOOST_TEST(stdio.pass_environment.at(1) == "TZ");
    for (const char* name : {"1A", "A-B", "\"\"", "\"A=B\"", "\"A B\""}) {
        BOOST_TEST(has(errors_with("[listener.route.upstream.environment]\n" + std::string(name) +
                                   " = 'x'"),
                       "is not the name of an environment variable"),
                   name);
    }
    BOOST_TEST(has(errors_with("[listener.route.upstream.environment]\nA = 1"), "to be a string"));
    BOOST_TEST(has(errors_with("[listener.route.upstream.environment]\nA = \"a\\u0000b\""),
                   "is not a value that a program can be given"));
    BOOST_TEST(has(errors_with("pass_environment = ['A=B']"), "is not the name of an environment"));
}

BOOST_AUTO_TEST_CASE(where_it_runs_and_what_it_may_take) {
    const Stdio stdio = stdio_of(
        "command = ['server']\nworking_directory = 'work'\nuser = 'mcp'\nmax_children = 2\n"
        "idle_timeout = '1m'\nmax_line = '1MiB'\nhide_gate_files = false\n"
        "[listener.route.upstream.limits]\naddress_space = '1GiB'\nopen_files = 64\n"
        "processes = 8\nfile_size = '1MiB'");
    BOOST_TEST(stdio.working_directory == "/etc/postern/work");
    BOOST_TEST(stdio.user == "mcp");
    BOOST_TEST(stdio.max_children == 2u);
    BOOST_TEST(stdio.idle_timeout_ns == 60 * kSecond);
    BOOST_TEST(stdio.max_line == 1024u * 1024);
    BOOST_TEST(!stdio.hide_gate_files);
    BOOST_TEST(stdio.limits.address_space == std::uint64_t{1} << 30);
    BOOST_TEST(stdio.limits.open_files == 64u);
    BOOST_TEST(stdio.limits.processes == 8u);
    BOOST_TEST(stdio.limits.file_size == 1024u * 1024);
    for (const char* line : {"max_children = 0", "idle_timeout = '0s'", "max_line = '1B'",
                             "max_line = '2GiB'", "limits.open_files = -1"}) {
        BOOST_TEST(has(errors_with(line), "is out of range"), line);
    }
    BOOST_TEST(has(errors_with("limits.cpu = 1"), "unknown key"));
    BOOST_TEST(has(errors_with("hide_gate_files = 'no'"), "has to be a boolean"));
}

BOOST_AUTO_TEST_SUITE_END()
