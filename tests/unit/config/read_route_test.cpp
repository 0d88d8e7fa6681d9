#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string with(std::string_view lines) {
    return smallest("path = \"/mcp\"", lines);
}

std::string another(std::string_view lines) {
    return smallest() + "[[listener.route]]\n" + std::string(lines) +
           "\n[listener.route.upstream]\nkind = 'builtin'\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_route_)

BOOST_AUTO_TEST_CASE(a_route_has_name_host_path_and_time) {
    const Loaded result = loaded(
        with("name = 'files'\nhost = 'Files.Example'\npath = '/a/mcp/'\nrequest_timeout = '5s'"));
    BOOST_REQUIRE(result.configuration.has_value());
    const Route& route = result.configuration->listeners[0].routes[0];
    BOOST_TEST(route.name == "files");
    BOOST_TEST(route.host == "files.example");
    BOOST_TEST(route.path == "/a/mcp");
    BOOST_TEST(route.request_timeout_ns == 5 * kSecond);
    BOOST_TEST(loaded(with("path = '/'")).configuration->listeners[0].routes[0].path == "/");
}

BOOST_AUTO_TEST_CASE(a_path_is_plain) {
    for (const char* path : {"", "mcp", "/a//b", "/a/../b", "/..", "/a/.", "/a%2f", "/a?b", "/a#b",
                             "/a b", "/a\\\\b"}) {
        BOOST_TEST(has(errors_of(with("path = \"" + std::string(path) + "\"")), "is not a path"),
                   path);
    }
}

BOOST_AUTO_TEST_CASE(a_host_is_a_bare_name) {
    BOOST_TEST(loaded(with("host = 'Localhost.'")).configuration->listeners[0].routes[0].host ==
               "localhost");
    for (const char* host : {"x:8443", "https://x", "*.example", "a b", "[::1]", "...", ".", "-",
                             "a..b", ".a", "a.-b"}) {
        BOOST_TEST(has(errors_of(with("host = '" + std::string(host) + "'")), "is not a host name"),
                   host);
    }
}

BOOST_AUTO_TEST_CASE(names_and_places_are_taken_once) {
    BOOST_TEST(has(errors_of(another("name = 'mcp'\npath = '/b'")), "name \"mcp\" is taken"));
    BOOST_TEST(has(errors_of(another("name = 'b'\npath = '/mcp/'")), "the same host and path"));
    BOOST_TEST(errors_of(another("name = 'b'\npath = '/mcp'\nhost = 'x'")) == "");
    for (const char* path : {"/MCP", "/mcp.", "/mcp;x"}) {
        BOOST_TEST(has(errors_of(another("name = 'b'\npath = '" + std::string(path) + "'")),
                       "another route of this host has the path \"/mcp\""),
                   path);
    }
}

BOOST_AUTO_TEST_CASE(a_name_is_as_a_listener_s_and_one_slip_is_one_error) {
    for (const char* name : {"", "a b", "a\\nb", "a/b", "\\u00e9"}) {
        const std::string errors = errors_of(with("name = \"" + std::string(name) + "\""));
        BOOST_TEST(has(errors, "listener[0].route[0].name: is not a name"), name);
    }
    BOOST_TEST(has(errors_of(with("name = '" + std::string(65, 'x') + "'")), "is not a name"));
    BOOST_TEST(errors_of(another("name = 1\npath = '/b'")).find('\n') ==
               errors_of(another("name = 1\npath = '/b'")).size() - 1);
    BOOST_TEST(!has(errors_of(another("name = 'b'\npath = 5\nhost = 'x'")), "another route"));
}

BOOST_AUTO_TEST_CASE(identity_headers_are_of_two_kinds) {
    const Loaded result = loaded(with("identity_headers = ['x-client', 'client-cert']"));
    BOOST_REQUIRE(result.configuration.has_value());
    BOOST_TEST(result.configuration->listeners[0].routes[0].client_cert_headers);
    BOOST_TEST(result.configuration->listeners[0].routes[0].x_client_headers);
    const Loaded none = loaded(with("identity_headers = []"));
    BOOST_TEST(!none.configuration->listeners[0].routes[0].client_cert_headers);
    BOOST_TEST(!none.configuration->listeners[0].routes[0].x_client_headers);
    BOOST_TEST(has(errors_of(with("identity_headers = ['x-forwarded']")), "is not known"));
}

BOOST_AUTO_TEST_CASE(authorization_is_a_word_or_a_file) {
    using Kind = Authorization::Kind;
    const auto read = [](std::string_view lines) {
        return loaded(with(lines)).configuration.value().listeners[0].routes[0].authorization;
    };
    BOOST_TEST((read("").kind == Kind::pass));
    BOOST_TEST((read("authorization = 'pass'").kind == Kind::pass));
    BOOST_TEST((read("authorization = 'strip'").kind == Kind::strip));
    BOOST_TEST((read("authorization = './token'").kind == Kind::replace));
    BOOST_TEST(read("authorization = 'secrets/token'").file == "/etc/postern/secrets/token");
    for (const char* word : {"stripp", "", "token"}) {
        BOOST_TEST(has(errors_of(with("authorization = '" + std::string(word) + "'")),
                       "authorization: \"" + std::string(word) + "\" is not known"),
                   word);
    }
}

BOOST_AUTO_TEST_CASE(bound_tokens_need_client_certificates) {
    const Loaded result = loaded(with("bound_tokens = 'verify'"));
    BOOST_REQUIRE(result.configuration.has_value());
    BOOST_TEST((result.configuration->listeners[0].routes[0].bound_tokens == BoundTokens::verify));
    BOOST_TEST(has(errors_of(with("bound_tokens = 'yes'")), "is not one of"));
    std::string without = with("bound_tokens = 'verify'");
    const std::string_view client_ca = "client_ca = [\"ca.crt\"]";
    without.replace(without.find(client_ca), client_ca.size(), "client_certificate = 'none'");
    BOOST_TEST(has(errors_of(without), "this listener asks for none"));
}

BOOST_AUTO_TEST_SUITE_END()
