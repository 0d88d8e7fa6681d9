#include "core/cli/gate_configuration.h"

#include <boost/test/unit_test.hpp>

#include "core/config/load.h"

using namespace postern;
using namespace postern::cli;

namespace {

config::Configuration loaded(const GateConfiguration& gate) {
    const auto result = config::load_text(gate_configuration_text(gate), "/gate/posternd.toml");
    for (const auto& error : result.errors) BOOST_ERROR(error);
    BOOST_REQUIRE(result.configuration.has_value());
    return *result.configuration;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gate_configuration)

BOOST_AUTO_TEST_CASE(the_daemon_takes_what_init_writes) {
    const auto configuration = loaded({"::1", 9443, ""});
    BOOST_TEST(configuration.state_directory == "/gate/state");
    BOOST_REQUIRE(configuration.listeners.size() == 1u);
    const auto& listener = configuration.listeners[0];
    BOOST_TEST(listener.host == "::1");
    BOOST_TEST(listener.port == 9443);
    BOOST_TEST(listener.pipeline.size() == 4u);
}

BOOST_AUTO_TEST_CASE(an_upstream_becomes_an_http_route) {
    const auto text = gate_configuration_text({"127.0.0.1", 8443, "http://127.0.0.1:3000/mcp"});
    BOOST_TEST(text.find("kind = \"http\"") != std::string::npos);
    loaded({"127.0.0.1", 8443, "http://127.0.0.1:3000/mcp"});
}

BOOST_AUTO_TEST_CASE(a_command_line_becomes_a_stdio_route) {
    const auto command = [](const std::string& line) {
        const auto configuration = loaded({"127.0.0.1", 8443, "", line, "/srv/files"});
        const auto& upstream = configuration.listeners[0].routes[0].upstream;
        BOOST_REQUIRE(std::holds_alternative<config::Stdio>(upstream));
        BOOST_TEST(std::get<config::Stdio>(upstream).working_directory == "/srv/files");
        return std::get<config::Stdio>(upstream).command;
    };
    const std::vector<std::string> plain{"npx", "-y", "server"};
    BOOST_TEST(command(" npx -y  server ") == plain, boost::test_tools::per_element());
    const std::vector<std::string> shell{"/bin/sh", "-c", "server --name 'a b'"};
    BOOST_TEST(command("server --name 'a b'") == shell, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
