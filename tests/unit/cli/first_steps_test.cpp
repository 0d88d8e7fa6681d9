#include "core/cli/first_steps.h"

#include <boost/test/unit_test.hpp>

using namespace postern::cli;

BOOST_AUTO_TEST_SUITE(first_steps)

BOOST_AUTO_TEST_CASE(shell_words_survive_spaces_and_quotes) {
    BOOST_TEST(shell_word("/srv/gate-1/pki") == "/srv/gate-1/pki");
    BOOST_TEST(shell_word("my gate") == "'my gate'");
    BOOST_TEST(shell_word("it's $HOME") == "'it'\\''s $HOME'");
    BOOST_TEST(shell_word("") == "''");
}

BOOST_AUTO_TEST_CASE(call_goes_to_a_name_of_the_servers_certificate) {
    const auto has = [](const GateConfiguration& gate, const char* url) {
        return first_steps_text("/g", gate).find(url) != std::string::npos;
    };
    BOOST_TEST(has({"0.0.0.0", 8443, ""}, "https://localhost:8443/mcp"));
    BOOST_TEST(has({"192.0.2.1", 443, ""}, "https://192.0.2.1:443/mcp"));
    BOOST_TEST(has({"2001:db8::1", 443, ""}, "https://[2001:db8::1]:443/mcp"));
}

BOOST_AUTO_TEST_SUITE_END()
