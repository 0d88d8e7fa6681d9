#include "core/config/path.h"

#include <cstdlib>

#include <boost/test/unit_test.hpp>

using postern::config::absolute_path;

BOOST_AUTO_TEST_SUITE(path)

BOOST_AUTO_TEST_CASE(a_relative_path_is_below_the_directory) {
    BOOST_TEST(absolute_path("pki/ca.crt", "/etc/postern").value() == "/etc/postern/pki/ca.crt");
    BOOST_TEST(absolute_path("/pki/ca.crt", "/etc/postern").value() == "/pki/ca.crt");
    BOOST_TEST(absolute_path("ca.crt", "/").value() == "/ca.crt");
}

BOOST_AUTO_TEST_CASE(home_and_credentials_are_expanded) {
    ::setenv("HOME", "/home/me", 1);
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/posternd.service", 1);
    BOOST_TEST(absolute_path("~/x", "/etc").value() == "/home/me/x");
    BOOST_TEST(absolute_path("${CREDENTIALS_DIRECTORY}/key", "/etc").value() ==
               "/run/credentials/posternd.service/key");
    BOOST_TEST(absolute_path("a~", "/etc").value() == "/etc/a~");
    ::unsetenv("CREDENTIALS_DIRECTORY");
    BOOST_TEST(!absolute_path("${CREDENTIALS_DIRECTORY}/key", "/etc").ok());
}

BOOST_AUTO_TEST_CASE(nothing_else_is_expanded) {
    for (const char* text : {"${HOME}/x", "x/${CREDENTIALS_DIRECTORY}", "~root/x", "", "a\nb",
                             "${CREDENTIALS_DIRECTOR}/x"}) {
        BOOST_TEST(!absolute_path(text, "/etc").ok(), text);
    }
    BOOST_TEST(!absolute_path(std::string_view("a\0b", 3), "/etc").ok());
    BOOST_TEST(absolute_path("$HOME", "/etc").value() == "/etc/$HOME");
}

BOOST_AUTO_TEST_SUITE_END()
