#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string with(std::string_view lines) {
    return smallest("kind = \"builtin\"", "kind = 'http'\n" + std::string(lines));
}

Http http_of(std::string_view lines) {
    const Loaded result = loaded(with(lines));
    BOOST_REQUIRE_MESSAGE(result.configuration.has_value(), errors_of(with(lines)));
    return std::get<Http>(result.configuration->listeners[0].routes[0].upstream);
}

constexpr std::string_view kTls = "urls = ['https://mcp.example/mcp']\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(read_http_)

BOOST_AUTO_TEST_CASE(plain_servers_have_no_tls) {
    const Http http = http_of("urls = ['http://127.0.0.1:3000/mcp', 'http://[::1]:3001']");
    BOOST_TEST(http.urls.size() == 2u);
    BOOST_TEST(!http.tls.has_value());
    BOOST_TEST(http.health.path == "");
    for (const char* line :
         {"trusted_ca = ['x']", "certificate = 'x'", "private_key = 'x'", "password_file = 'x'",
          "server_name = 'x'", "trust = 'chain'", "pipeline = []"}) {
        BOOST_TEST(has(errors_of(with("urls = ['http://x/']\n" + std::string(line))),
                       "has no meaning without an https:// URL"),
                   line);
    }
}

BOOST_AUTO_TEST_CASE(one_https_url_makes_a_client_of_the_gate) {
    const Http http = http_of(
        "urls = ['https://a/', 'https://mcp.example']\ntrusted_ca = ['ca.crt', '/b.crt']\n"
        "certificate = 'gate.p12'\npassword_file = 'password'\nserver_name = 'other.example'\n"
        "[[listener.route.upstream.pipeline]]\nplugin = 'validator'");
    BOOST_REQUIRE(http.tls.has_value());
    BOOST_TEST(http.tls->trusted_ca.at(0) == "/etc/postern/ca.crt");
    BOOST_TEST(http.tls->trusted_ca.at(1) == "/b.crt");
    BOOST_TEST(http.tls->certificate == "/etc/postern/gate.p12");
    BOOST_TEST(http.tls->password_file == "/etc/postern/password");
    BOOST_TEST(http.tls->server_name == "other.example");
    BOOST_TEST(http.tls->pipeline.at(0).short_name == "validator");
    BOOST_TEST((http.tls->trust == Trust::chain));
    BOOST_TEST(http_of(kTls).tls->trusted_ca.empty());
}

BOOST_AUTO_TEST_CASE(plain_urls_are_refused_beside_those_over_tls) {
    BOOST_TEST(has(errors_of(with("urls = ['http://a/', 'https://mcp.example']")),
                   "has http:// beside https://"));
}

BOOST_AUTO_TEST_CASE(a_client_certificate_needs_its_key) {
    const std::string tls(kTls);
    BOOST_TEST(has(errors_of(with(tls + "certificate = 'gate.crt'")), "private_key is missing"));
    BOOST_TEST(has(errors_of(with(tls + "private_key = 'gate.key'")),
                   "has no meaning without certificate"));
    BOOST_TEST(errors_of(with(tls + "certificate = 'a.crt'\nprivate_key = 'a.key'")) == "");
}

BOOST_AUTO_TEST_CASE(pins_may_stand_in_only_when_they_are_enforced) {
    const std::string pin = std::string(kTls) + "trust = 'pin'\n";
    const std::string pinning = "[[listener.route.upstream.pipeline]]\nplugin = 'pinning'\n";
    BOOST_TEST(has(errors_of(with(pin)), "\"pin\" needs the plugin \"pinning\""));
    BOOST_TEST(has(errors_of(with(pin + pinning + "mode = 'observe'")), "\"pin\" needs"));
    BOOST_TEST(errors_of(with(pin + pinning)) == "");
}

BOOST_AUTO_TEST_CASE(health_is_asked_at_a_path) {
    const std::string table = "urls = ['http://x/']\n[listener.route.upstream.health]\n";
    const Http http = http_of(table + "path = '/healthz?full=1'\ninterval = '1s'");
    BOOST_TEST(http.health.path == "/healthz?full=1");
    BOOST_TEST(http.health.interval_ns == kSecond);
    BOOST_TEST(http.health.timeout_ns == 2 * kSecond);
    for (const char* path : {"", "healthz", "/a b", "/a#b", "http://x/"}) {
        BOOST_TEST(has(errors_of(with(table + "path = '" + path + "'")), "is not a path"), path);
    }
    BOOST_TEST(has(errors_of(with(table + "interval = '1s'")), "is not a path"));
    BOOST_TEST(has(errors_of(with(table + "path = '/x'\ninterval = '1ms'")), "out of range"));
    BOOST_TEST(has(errors_of(with(table + "path = '/x'\ntimeout = '0s'")), "out of range"));
    BOOST_TEST(has(errors_of(with("urls = ['http://x/']\nhealth = '/x'")), "has to be a table"));
}

BOOST_AUTO_TEST_SUITE_END()
