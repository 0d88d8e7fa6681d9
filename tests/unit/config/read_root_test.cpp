#include <cstdlib>

#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

BOOST_AUTO_TEST_SUITE(read_root_)

BOOST_AUTO_TEST_CASE(directories_come_from_the_file_then_systemd_then_the_default) {
    ::unsetenv("STATE_DIRECTORY");
    ::unsetenv("RUNTIME_DIRECTORY");
    BOOST_TEST(loaded(smallest()).configuration->state_directory == "/var/lib/postern");
    BOOST_TEST(loaded(smallest()).configuration->runtime_directory == "/run/postern");
    ::setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
    ::setenv("RUNTIME_DIRECTORY", "not/absolute", 1);
    BOOST_TEST(loaded(smallest()).configuration->state_directory == "/var/lib/one");
    BOOST_TEST(loaded(smallest()).configuration->runtime_directory == "/run/postern");
    BOOST_TEST(loaded("state_directory = 'state'\n" + smallest()).configuration->state_directory ==
               "/etc/postern/state");
    ::unsetenv("STATE_DIRECTORY");
    ::unsetenv("RUNTIME_DIRECTORY");
    BOOST_TEST(has(errors_of("state_directory = ''\n" + smallest()), "name a directory"));
}

BOOST_AUTO_TEST_CASE(logging_takes_its_words_only) {
    const Loaded result =
        loaded("[logging]\nlevel = 'debug'\nformat = 'json'\ndetailed_tls = true\n" + smallest());
    BOOST_REQUIRE(result.configuration.has_value());
    BOOST_TEST(result.configuration->logging.detailed_tls);
    BOOST_TEST(errors_of("[logging]\nlevel = 'warn'\nformat = 'jsno'\n" + smallest()) ==
               "2:1: logging.level: \"warn\" is not one of \"error\", \"warning\", \"notice\", "
               "\"info\" or \"debug\"\n"
               "3:1: logging.format: \"jsno\" is not one of \"text\" or \"json\"; did you mean "
               "\"json\"?\n");
}

BOOST_AUTO_TEST_CASE(later_keys_are_taken_at_their_default_and_refused_otherwise) {
    BOOST_TEST(errors_of("[admin]\nlisten = ['unix:admin.sock']\n[reload]\n"
                         "watch = true\n[live]\non_expiry = 'cut'\nexpiry_grace = '60s'\n[sessions]"
                         "\nbinding = 'local'\n[logging]\naccess_file = ''\naudit_file = ''\n" +
                         smallest()) == "");
    for (const char* text :
         {"admin.listen = ['127.0.0.1:1']", "admin.listen = 'unix:admin.sock'", "admin.listen = []",
          "reload.watch = false", "live.on_expiry = 'drain'", "live.expiry_grace = '1s'",
          "sessions.binding = 'sealed'", "logging.access_file = '-'",
          "client.certificate = 'me.crt'",
          "[client]\ntrust = 'pin'\n[[client.server]]\nname = 'x'"}) {
        const std::string errors = errors_of(std::string(text) + "\n" + smallest());
        BOOST_TEST(has(errors, "is not supported yet in this version"), text);
        BOOST_TEST(!has(errors, "unknown"), errors);
    }
}

BOOST_AUTO_TEST_CASE(the_audit_file_is_below_the_state_directory) {
    const auto file = [](const std::string& text) {
        return loaded("state_directory = '/state'\n[logging]\naudit_file = '" + text + "'\n" +
                      smallest())
            .configuration->logging.audit_file;
    };
    BOOST_TEST(file("") == "");
    BOOST_TEST(file("audit.json") == "/state/audit.json");
    BOOST_TEST(file("/var/log/audit.json") == "/var/log/audit.json");
}

BOOST_AUTO_TEST_CASE(the_contact_is_one_line) {
    BOOST_TEST(loaded(smallest()).configuration->contact == "");
    BOOST_TEST(loaded("contact = 'ops@example'\n" + smallest()).configuration->contact ==
               "ops@example");
    for (const std::string contact : {"a\\nb", "a\\u0000b", "a\\u007fb"}) {
        BOOST_TEST(has(errors_of("contact = \"" + contact + "\"\n" + smallest()),
                       "is not one line of at most 200 bytes"),
                   contact);
    }
    BOOST_TEST(has(errors_of("contact = '" + std::string(201, 'x') + "'\n" + smallest()),
                   "is not one line"));
}

BOOST_AUTO_TEST_CASE(a_wrong_type_is_one_error) {
    BOOST_TEST(errors_of("logging = 3\n" + smallest()) ==
               "1:1: logging: is an integer; it has to be a table\n");
    BOOST_TEST(errors_of("plugins = { directory = 3 }\n" + smallest()) ==
               "1:13: plugins.directory: is an integer; it has to be a string, in quotes\n");
}

BOOST_AUTO_TEST_SUITE_END()
