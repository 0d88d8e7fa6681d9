#include "core/config/include.h"

#include <boost/test/unit_test.hpp>

#include "core/config/load.h"
#include "tests/unit/base/temporary_directory.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string only_error(const Loaded& result) {
    BOOST_REQUIRE(!result.configuration.has_value());
    BOOST_REQUIRE(result.errors.size() == 1u);
    return result.errors[0];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(include)

BOOST_AUTO_TEST_CASE(listeners_of_included_files_come_after_in_order_of_names) {
    const TemporaryDirectory directory;
    const std::string main =
        directory.write("main.toml", "include = ['conf.d/*.toml']\n" + smallest());
    directory.write("conf.d/b.toml", smallest("port = 8443", "name = 'b'\nport = 1"));
    directory.write("conf.d/a.toml", smallest("port = 8443", "name = 'a'\nport = 2"));
    directory.write("conf.d/ignored.txt", "=");
    const Loaded result = load(main);
    BOOST_REQUIRE(result.configuration.has_value());
    const auto& listeners = result.configuration->listeners;
    BOOST_REQUIRE(listeners.size() == 3u);
    BOOST_TEST(listeners[0].name == "mcp");
    BOOST_TEST(listeners[1].name == "a");
    BOOST_TEST(listeners[2].name == "b");
    // Relative to the file that names it.
    BOOST_TEST(listeners[1].tls.client_ca.at(0) == directory.file("conf.d/ca.crt"));
    BOOST_TEST(listeners[0].tls.client_ca.at(0) == directory.file("ca.crt"));
    BOOST_TEST(result.configuration->file == main);
}

BOOST_AUTO_TEST_CASE(tables_are_joined_key_by_key) {
    const TemporaryDirectory directory;
    const std::string main = directory.write(
        "main.toml", "include = ['more.toml']\n[logging]\nlevel = 'debug'\n" + smallest());
    directory.write("more.toml", "[logging]\nformat = 'json'\n[shutdown]\ndrain_timeout = '5s'\n");
    const Loaded result = load(main);
    BOOST_REQUIRE(result.configuration.has_value());
    BOOST_TEST((result.configuration->logging.level == postern::LogLevel::debug));
    BOOST_TEST((result.configuration->logging.format == postern::LogFormat::json));
    BOOST_TEST(result.configuration->drain_timeout_ns == 5 * kSecond);
}

BOOST_AUTO_TEST_CASE(a_key_set_twice_names_both_places) {
    const TemporaryDirectory directory;
    const std::string main = directory.write(
        "main.toml", "include = ['more.toml']\n[logging]\nlevel = 'debug'\n" + smallest());
    const std::string more = directory.write("more.toml", "\n[logging]\nlevel = 'info'\n");
    BOOST_TEST(only_error(load(main)) == more + ":3:1: logging.level: is set at " + main +
                                             ":3:1 already; remove one of the two");
}

BOOST_AUTO_TEST_CASE(a_pattern_may_match_nothing_and_a_name_may_not) {
    const TemporaryDirectory directory;
    BOOST_TEST(load(directory.write("a.toml", "include = ['conf.d/*.toml']\n" + smallest()))
                   .configuration.has_value());
    const std::string main = directory.write("b.toml", "include = ['missing.toml']\n" + smallest());
    BOOST_TEST(only_error(load(main)) ==
               main + ":1:12: include[0]: there is no file " + directory.file("missing.toml"));
}

BOOST_AUTO_TEST_CASE(an_included_file_includes_nothing) {
    const TemporaryDirectory directory;
    const std::string main = directory.write("main.toml", "include = ['main.toml']\n" + smallest());
    BOOST_TEST(has(only_error(load(main)), "only the main file may include others"));
}

BOOST_AUTO_TEST_CASE(include_has_to_be_a_list_of_strings) {
    BOOST_TEST(has(errors_of("include = 'x'\n"), "1:1: include: is a string"));
    BOOST_TEST(has(errors_of("include = [1]\n"), "1:12: include[0]: has to be a string"));
}

BOOST_AUTO_TEST_CASE(what_is_not_a_file_is_refused) {
    const TemporaryDirectory directory;
    BOOST_TEST(has(only_error(load(directory.file("missing.toml"))), "missing.toml: No such file"));
    BOOST_TEST(has(only_error(load(directory.path())), "not a regular file"));
    const std::string large = directory.write("large.toml", std::string((4 << 20) + 1, '#'));
    BOOST_TEST(has(only_error(load(large)), "larger than"));
}

BOOST_AUTO_TEST_SUITE_END()
