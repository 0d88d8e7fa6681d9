#include "core/config/load.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/config/sample.h"

using namespace postern::config;

BOOST_AUTO_TEST_SUITE(load_)

BOOST_AUTO_TEST_CASE(the_smallest_configuration_has_every_default) {
    const Loaded result = loaded(smallest());
    BOOST_REQUIRE(result.configuration.has_value());
    const Configuration& configuration = *result.configuration;
    BOOST_TEST(configuration.file == kFile);
    BOOST_TEST((configuration.logging.level == postern::LogLevel::info));
    BOOST_TEST(configuration.drain_timeout_ns == 30 * kSecond);
    BOOST_REQUIRE(configuration.listeners.size() == 1u);
    const Listener& listener = configuration.listeners[0];
    BOOST_TEST(listener.name == "mcp");
    BOOST_TEST(listener.host == "127.0.0.1");
    BOOST_TEST(listener.port == 8443);
    BOOST_TEST(listener.use_tls);
    BOOST_TEST(listener.max_connections == 10000u);
    BOOST_TEST(listener.handshake_timeout_ns == 10 * kSecond);
    BOOST_TEST(listener.header_timeout_ns == 10 * kSecond);
    BOOST_TEST(listener.idle_timeout_ns == 600 * kSecond);
    BOOST_TEST(listener.max_header == 32768u);
    BOOST_TEST(listener.max_body == 4194304u);
    BOOST_TEST((listener.tls.client_certificate == ClientCertificate::require));
    BOOST_TEST((listener.tls.trust == Trust::chain));
    BOOST_TEST(listener.tls.policy == "intermediate-2026");
    BOOST_TEST(listener.tls.session_tickets);
    BOOST_TEST(listener.tls.ticket_lifetime_ns == 7200 * kSecond);
    BOOST_TEST(listener.tls.certificates.at(0).certificate == "/etc/postern/server.crt");
    BOOST_TEST(listener.pipeline.empty());
    BOOST_TEST(listener.routes.at(0).path == "/mcp");
    BOOST_TEST(listener.routes.at(0).request_timeout_ns == 0u);
    BOOST_TEST(listener.position.line == 1u);
}

BOOST_AUTO_TEST_CASE(every_error_is_said_at_once_with_its_place) {
    const std::string text = smallest("port = 8443", "port = 99999\nhots = '::'\nidle_timeout = 3");
    BOOST_TEST(errors_of(text) ==
               "2:1: listener[0].port: 99999 is out of range; it goes from 0 to 65535\n"
               "4:1: listener[0].idle_timeout: is an integer; it has to be a string, in quotes\n"
               "3:1: listener[0].hots: unknown key; did you mean \"host\"?\n");
}

BOOST_AUTO_TEST_CASE(errors_are_bounded) {
    std::string text = smallest();
    for (int i = 0; i < 1000; ++i) text = "key" + std::to_string(i) + " = 1\n" + text;
    const Loaded result = loaded(text);
    BOOST_REQUIRE(result.errors.size() == 101u);
    BOOST_TEST(result.errors.back() == "and 900 errors more");
}

BOOST_AUTO_TEST_CASE(an_empty_file_lacks_a_listener) {
    BOOST_TEST(errors_of("") == "1:1: there is no [[listener]]; a gate needs at least one\n");
    BOOST_TEST(has(errors_of("listener = 3\n"), "is an integer; it has to be an array"));
    BOOST_TEST(has(errors_of("[listener]\nport = 1\n"), "it has to be an array: [[listener]]"));
    BOOST_TEST(has(errors_of("listener = [3]\n"), "listener[0]: is an integer"));
}

BOOST_AUTO_TEST_SUITE_END()
