#include "core/config/print.h"

#include <boost/test/unit_test.hpp>

#include "core/config/toml_text.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

constexpr std::string_view kFull = R"(
state_directory = "/s"
contact = "ops \"at\" example"
plugins.directory = "/p"
[logging]
level = "debug"
format = "json"
[shutdown]
drain_timeout = "90s"
[[listener]]
name = "a"
host = "::"
port = 0
allowed_hosts = ["x"]
allowed_origins = ["https://x"]
idle_timeout = "250ms"
max_body = "1000000B"
[listener.tls]
certificate = "a.p12"
password_file = "a \"quoted\" \\ name"
client_ca = ["x", "/y"]
client_certificate = "optional"
policy = "modern-2026"
session_tickets = false
[[listener.tls.certificates]]
certificate = "b.crt"
private_key = "b.key"
server_names = ["b.example"]
[[listener.pipeline]]
plugin = "mine/x.so"
mode = "observe"
failure_mode = "allow"
[listener.pipeline.config]
text = "a\nb\u0001\"\\"
number = -3
real = 0.1
large = 1e300
truth = true
time = 2026-11-23T05:04:05+02:00
list = [1, [2], {x = "y"}]
"odd key" = {}
nothing = []
[[listener.route]]
name = "r"
path = "/r"
[listener.route.upstream]
kind = "http"
urls = ["http://[::1]:3000/mcp"]
[[listener.route]]
name = "tls"
path = "/tls"
identity_headers = ["x-client", "client-cert"]
authorization = "secrets/token"
bound_tokens = "verify"
request_timeout = "5s"
[listener.route.upstream]
kind = "http"
urls = ["https://a.example/mcp", "https://b.example/mcp"]
trusted_ca = ["ca.crt"]
certificate = "gate.crt"
private_key = "gate.key"
password_file = "password"
server_name = "mcp.example"
trust = "pin"
[listener.route.upstream.health]
path = "/healthz"
interval = "1s"
timeout = "500ms"
[[listener.route.upstream.pipeline]]
plugin = "pinning"
config = { pins = ["x"] }
[[listener.route]]
name = "child"
path = "/child"
authorization = "strip"
[listener.route.upstream]
kind = "stdio"
command = ["server", "--flag", "two words"]
environment_file = "secrets"
pass_environment = ["LANG"]
working_directory = "/srv"
user = "nobody"
allow_root = true
max_children = 3
idle_timeout = "1m"
max_line = "64KiB"
hide_gate_files = false
[listener.route.upstream.environment]
MODE = "a \"b\" \\ c"
[listener.route.upstream.limits]
address_space = "1GiB"
open_files = 64
processes = 8
file_size = "1MiB"
[[listener]]
name = "b"
host = "unix:b.sock"
use_tls = false
[[listener.pipeline]]
plugin = "ratelimit"
[[listener.route]]
[listener.route.upstream]
kind = "builtin"
)";

Configuration configuration_of(std::string_view text, const std::string& file) {
    Loaded result = load_text(text, file);
    BOOST_REQUIRE_MESSAGE(result.configuration.has_value(),
                          (result.errors.empty() ? std::string() : result.errors[0]));
    return std::move(*result.configuration);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(print_)

BOOST_AUTO_TEST_CASE(what_is_printed_loads_to_the_same_again) {
    for (const std::string& text : {std::string(kFull), smallest()}) {
        const std::string once = print(configuration_of(text, kFile), {});
        BOOST_TEST(print(configuration_of(once, kFile), {}) == once);
        // Wherever it is put, but for the first line, which names the file.
        const std::string moved = print(configuration_of(once, "/elsewhere/x.toml"), {});
        BOOST_TEST(moved.substr(moved.find('\n')) == once.substr(once.find('\n')));
    }
}

BOOST_AUTO_TEST_CASE(defaults_are_spelt_out) {
    const std::string text = print(configuration_of(smallest(), kFile), {});
    for (const char* line :
         {"level = \"info\"\n", "drain_timeout = \"30s\"\n", "host = \"127.0.0.1\"\n",
          "port = 8443\n", "idle_timeout = \"10m\"\n", "max_body = \"4MiB\"\n",
          "client_certificate = \"require\"\n", "policy = \"intermediate-2026\"\n",
          "ticket_lifetime = \"2h\"\n", "client_ca = [\"/etc/postern/ca.crt\"]\n"}) {
        BOOST_TEST(has(text, line), line);
    }
}

BOOST_AUTO_TEST_CASE(upstreams_of_every_kind_are_spelt_out) {
    const std::string text = print(configuration_of(kFull, kFile), {});
    for (const char* line :
         {"identity_headers = [\"client-cert\", \"x-client\"]\n",
          "authorization = \"/etc/postern/secrets/token\"\n", "authorization = \"strip\"\n",
          "bound_tokens = \"verify\"\n", "trusted_ca = [\"/etc/postern/ca.crt\"]\n",
          "certificate = \"/etc/postern/gate.crt\"\n", "server_name = \"mcp.example\"\n",
          "[listener.route.upstream.health]\npath = \"/healthz\"\n",
          "[[listener.route.upstream.pipeline]]\nplugin = \"pinning\"\n",
          "command = [\"server\", \"--flag\", \"two words\"]\n",
          "environment_file = \"/etc/postern/secrets\"\n", "idle_timeout = \"1m\"\n",
          "[listener.route.upstream.limits]\naddress_space = \"1GiB\"\n",
          "MODE = \"a \\\"b\\\" \\\\ c\"\n"}) {
        BOOST_TEST(has(text, line), line);
    }
}

BOOST_AUTO_TEST_CASE(the_resolved_policy_is_a_comment) {
    const std::string text = print(configuration_of(smallest(), kFile),
                                   [](const Listener& listener) { return listener.name + "\nx"; });
    BOOST_TEST(has(text, "policy = \"intermediate-2026\"\n# mcp\n# x\nsession_tickets"));
}

BOOST_AUTO_TEST_CASE(a_plugins_table_is_kept_value_by_value) {
    const std::string text = print(configuration_of(kFull, kFile), {});
    BOOST_TEST(has(text, "config = { text = \"a\\u000ab\\u0001\\\"\\\\\", number = -3, "));
    BOOST_TEST(has(text,
                   "time = 2026-11-23T03:04:05Z, list = [1, [2], { x = \"y\" }], "
                   "\"odd key\" = {}, nothing = [] }\n"));
    BOOST_TEST(toml_key("") == "\"\"");
}

BOOST_AUTO_TEST_SUITE_END()
