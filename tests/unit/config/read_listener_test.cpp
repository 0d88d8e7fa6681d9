#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string with(std::string_view lines) {
    return smallest("port = 8443", lines);
}

// The smallest listener without TLS.
std::string plain(std::string_view lines) {
    return "[[listener]]\n" + std::string(lines) +
           "\nuse_tls = false\n[[listener.route]]\n[listener.route.upstream]\nkind = 'builtin'\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_listener_)

BOOST_AUTO_TEST_CASE(addresses_are_ipv4_ipv6_or_unix) {
    BOOST_TEST(loaded(with("host = '::'\nport = 0")).configuration->listeners[0].host == "::");
    const Loaded unix_socket = loaded(with("host = 'unix:mcp.sock'"));
    BOOST_REQUIRE(unix_socket.configuration.has_value());
    BOOST_TEST(unix_socket.configuration->listeners[0].unix_path == "/run/postern/mcp.sock");
    BOOST_TEST(unix_socket.configuration->listeners[0].host == "");
    BOOST_TEST(loaded(with("host = 'unix:/x.sock'")).configuration->listeners[0].unix_path ==
               "/x.sock");
    for (const char* host : {"", "localhost", "[::1]", "127.0.0.1:80", "1.2.3", "fe80::1%eth0"}) {
        BOOST_TEST(has(errors_of(with("host = '" + std::string(host) + "'")), "is not an address"),
                   host);
    }
    BOOST_TEST(has(errors_of(with("host = 'unix:'")), "is empty"));
    BOOST_TEST(has(errors_of(with("host = 'unix:x'\nport = 1")), "has no meaning"));
    BOOST_TEST(has(errors_of(with("host = 'unix:/" + std::string(200, 'x') + "'")), "too long"));
}

BOOST_AUTO_TEST_CASE(without_tls_only_on_loopback_and_unix_sockets) {
    for (const char* host : {"127.0.0.1", "127.8.9.10", "::1", "unix:x"}) {
        BOOST_TEST(errors_of(plain("host = '" + std::string(host) + "'")) == "", host);
    }
    for (const char* host : {"0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "::ffff:192.0.2.1"}) {
        BOOST_TEST(has(errors_of(plain("host = '" + std::string(host) + "'")), "only loopback"),
                   host);
    }
}

BOOST_AUTO_TEST_CASE(tls_settings_without_tls_are_refused) {
    BOOST_TEST(errors_of(with("use_tls = false")) ==
               "3:11: listener[0].tls: has no meaning with use_tls = false; remove one of the "
               "two\n");
}

BOOST_AUTO_TEST_CASE(a_listener_needs_tls_settings_and_a_route) {
    BOOST_TEST(errors_of("[[listener]]\n") ==
               "1:1: listener[0]: tls is missing; [listener.tls] needs certificate and "
               "private_key\n"
               "1:1: listener[0]: route is missing; a listener needs at least one "
               "[[listener.route]]\n");
}

BOOST_AUTO_TEST_CASE(names_and_addresses_are_taken_once) {
    const std::string two = smallest() + smallest();
    BOOST_TEST(has(errors_of(two), "listener[1]: name \"mcp\" is taken by another listener"));
    BOOST_TEST(has(errors_of(two), "another listener is at 127.0.0.1 port 8443 already"));
    BOOST_TEST(errors_of(with("port = 0") + with("name = 'b'\nport = 0")) == "");
    BOOST_TEST(has(errors_of(with("host = 'unix:x'") + with("name = 'b'\nhost = 'unix:x'")),
                   "another listener is at /run/postern/x already"));
    for (const char* name : {"", "a b", "a\\nb", "\\\"", "a/b"}) {
        BOOST_TEST(has(errors_of(with("name = \"" + std::string(name) + "\"")), "is not a name"));
    }
}

BOOST_AUTO_TEST_CASE(one_slip_is_one_error) {
    const auto lines = [](const std::string& text) {
        const std::string errors = errors_of(text);
        return std::count(errors.begin(), errors.end(), '\n');
    };
    const std::string other = with("name = 'b'\nport = 0");
    BOOST_TEST(lines(with("name = 1") + other + with("name = 2\nport = 1")) == 2);
    BOOST_TEST(lines(with("host = 'x'\nport = 1") + with("name = 'b'\nhost = 'x'\nport = 1")) == 2);
    BOOST_TEST(lines(plain("host = 'x'")) == 1);
}

BOOST_AUTO_TEST_CASE(what_is_long_is_not_repeated_whole) {
    const std::string much(100'000, 'x');
    for (const std::string& line :
         {"host = '" + much + "'", "allowed_hosts = ['" + much + "/']", "max_body = '" + much + "'",
          "idle_timeout = '" + much + "'", "allowed_origins = ['" + much + "']"}) {
        const std::string errors = errors_of(with(line));
        BOOST_TEST(has(errors, std::string(64, 'x') + "…\""), line.substr(0, 20));
        BOOST_TEST(errors.size() < 400u, line.substr(0, 20));
    }
}

BOOST_AUTO_TEST_CASE(limits_have_bounds) {
    for (const char* line :
         {"max_connections = 0", "max_connections = -1", "handshake_timeout = '0s'",
          "header_timeout = '0s'", "idle_timeout = '0s'", "max_header = '1B'",
          "max_header = '2MiB'", "max_body = '0B'", "max_body = '2GiB'", "port = -1"}) {
        BOOST_TEST(has(errors_of(with(line)), "is out of range"), line);
    }
}

BOOST_AUTO_TEST_CASE(hosts_and_origins_are_exact_and_lower_case) {
    const Loaded result =
        loaded(with("allowed_hosts = ['MCP.example.', 'x:08443', '[0::1]:8443']\n"
                    "allowed_origins = ['HTTPS://App.example:444', 'https://b.:443']"));
    BOOST_REQUIRE(result.configuration.has_value());
    const Listener& listener = result.configuration->listeners[0];
    BOOST_TEST(listener.allowed_hosts.at(0) == "mcp.example");
    BOOST_TEST(listener.allowed_hosts.at(1) == "x:8443");
    BOOST_TEST(listener.allowed_hosts.at(2) == "[::1]:8443");
    BOOST_TEST(listener.allowed_origins.at(0) == "https://app.example:444");
    BOOST_TEST(listener.allowed_origins.at(1) == "https://b");
    BOOST_TEST(errors_of(with("allowed_hosts = ['*']\nallowed_origins = ['*']")) == "");
    for (const char* host :
         {"https://x", "*.example", "a b", "x:", "x:0", "x:65536", "::1", "a..b", ".", "x:y"}) {
        BOOST_TEST(
            has(errors_of(with("allowed_hosts = ['" + std::string(host) + "']")), "is not a host"),
            host);
    }
    for (const char* origin : {"app.example", "https://app.example/", "https://*", "https://",
                               "https://a:x", "https://u@a", "1s://a", "null", "https://a..b"}) {
        BOOST_TEST(has(errors_of(with("allowed_origins = ['" + std::string(origin) + "']")),
                       "is not an origin"),
                   origin);
    }
    BOOST_TEST(errors_of(with("allowed_hosts = ['ok', 'x:y']")) ==
               "2:24: listener[0].allowed_hosts[1]: \"x:y\" is not a host; write \"mcp.example\", "
               "\"mcp.example:8443\" with a port, \"[::1]\" with brackets, or \"*\" for any\n");
    BOOST_TEST(has(errors_of(with("allowed_hosts = [1]")), "has to be a string"));
    BOOST_TEST(has(errors_of(with("allowed_hosts = ['']")), "is empty"));
}

BOOST_AUTO_TEST_CASE(proxy_protocol_comes_later) {
    BOOST_TEST(errors_of(with("proxy_protocol = 'off'\nproxy_protocol_from = []")) == "");
    BOOST_TEST(has(errors_of(with("proxy_protocol = 'require'")), "not supported yet"));
    BOOST_TEST(has(errors_of(with("proxy_protocol_from = ['::/0']")), "not supported yet"));
}

BOOST_AUTO_TEST_SUITE_END()
