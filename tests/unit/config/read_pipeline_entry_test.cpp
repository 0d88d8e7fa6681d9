#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string with(std::string_view lines) {
    return "plugins.directory = '/plugins'\n" + smallest() + "[[listener.pipeline]]\n" +
           std::string(lines) + "\n";
}

PipelineEntry entry(std::string_view lines) {
    Loaded result = loaded(with(lines));
    BOOST_REQUIRE_MESSAGE(result.configuration.has_value(), lines);
    return result.configuration->listeners[0].pipeline.at(0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_pipeline_entry_)

BOOST_AUTO_TEST_CASE(an_entry_denies_unless_it_says_otherwise) {
    const PipelineEntry plain = entry("plugin = 'ratelimit'");
    BOOST_TEST(plain.file == "/plugins/ratelimit.so");
    BOOST_TEST(plain.short_name == "ratelimit");
    BOOST_TEST((plain.mode == Mode::enforce));
    BOOST_TEST((plain.on_error == Answer::deny));
    BOOST_TEST((plain.on_timeout == Answer::deny));
    BOOST_TEST(!plain.failure_mode.has_value());
    BOOST_TEST(plain.timeout_ns == 3 * kSecond);
    BOOST_REQUIRE(plain.config != nullptr);
    BOOST_TEST((plain.config->type() == NodeType::table));
    BOOST_TEST(plain.config->path() == "listener[0].pipeline[0].config");
}

BOOST_AUTO_TEST_CASE(every_key_is_taken) {
    const PipelineEntry full = entry(
        "plugin = './mine/checker.so'\nmode = 'observe'\non_error = 'allow'\non_timeout = 'allow'\n"
        "timeout = '250ms'\nfailure_mode = 'allow'\nconfig = { any = { thing = 1 } }");
    BOOST_TEST(full.file == "/etc/postern/./mine/checker.so");
    BOOST_TEST(full.short_name == "checker");
    BOOST_TEST((full.mode == Mode::observe));
    BOOST_TEST((full.on_error == Answer::allow));
    BOOST_TEST((full.on_timeout == Answer::allow));
    BOOST_TEST((full.failure_mode == Answer::allow));
    BOOST_TEST(full.timeout_ns == 250'000'000u);
    BOOST_TEST(full.config->member("any")->member("thing")->as_integer().value() == 1);
}

BOOST_AUTO_TEST_CASE(a_name_cannot_leave_its_folder) {
    for (const char* name : {"..", "rate limit", "ratelimit.so", "RateLimit", "a\\u0000b"}) {
        BOOST_TEST(has(errors_of(with("plugin = \"" + std::string(name) + "\"")),
                       "is not a plugin's name"),
                   name);
    }
    BOOST_TEST(has(errors_of(with("plugin = '/x/y'")), "does not end in \".so\""));
    BOOST_TEST(has(errors_of(with("plugin = '/x/.so'")), "is not a plugin's name"));
    BOOST_TEST(has(errors_of(with("")), "plugin is missing"));
    BOOST_TEST(has(errors_of(with("plugin = ''")), "plugin: is missing"));
    BOOST_TEST(errors_of(with("plugin = 3")) ==
               "13:1: listener[0].pipeline[0].plugin: is an integer; it has to be a string, in "
               "quotes\n");
}

BOOST_AUTO_TEST_CASE(a_timeout_has_bounds) {
    BOOST_TEST(has(errors_of(with("plugin = 'x'\ntimeout = '0s'")), "is out of range"));
    BOOST_TEST(has(errors_of(with("plugin = 'x'\ntimeout = '11m'")), "is out of range"));
}

BOOST_AUTO_TEST_CASE(a_wrong_config_is_an_error_and_no_null) {
    BOOST_TEST(has(errors_of(with("plugin = 'x'\nconfig = 3")), "it has to be a table"));
}

BOOST_AUTO_TEST_SUITE_END()
