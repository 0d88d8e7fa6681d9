#include "core/cli/gate_configuration.h"

#include <string_view>

#include "core/config/toml_text.h"

namespace postern::cli {
namespace {

using config::toml_string;

constexpr std::string_view kPipeline = R"(
# Asked in this order; the first no wins.
[[listener.pipeline]]
plugin = "ratelimit"
mode = "enforce"
[listener.pipeline.config]
max_connections_per_ip = 50   # new connections per window
window = "60s"

[[listener.pipeline]]
plugin = "validator"
mode = "enforce"

[[listener.pipeline]]
plugin = "pinning"
mode = "enforce"
[listener.pipeline.config]
pinned_certificates = ["pki/client.crt"]   # add each further client here

[[listener.pipeline]]
plugin = "revocation"
mode = "enforce"
failure_mode = "deny"
[listener.pipeline.config]
check_mode = "crl"
crl_files = ["pki/ca.crl.pem"]   # postern cert revoke, then postern cert crl, before its end
)";

std::string route(const std::string& upstream) {
    std::string text =
        "\n[[listener.route]]\n"
        "name = " +
        toml_string(upstream.empty() ? "demo" : "upstream") + "\npath = \"/mcp\"\n";
    text += "[listener.route.upstream]\n";
    if (upstream.empty()) return text + "kind = \"builtin\"   # tools: echo, whoami\n";
    return text + "kind = \"http\"\nurls = [" + toml_string(upstream) + "]\n";
}

}  // namespace

std::string gate_configuration_text(const GateConfiguration& gate) {
    return "# Made by postern init. Files are relative to this one.\n"
           "state_directory = \"state\"\n"
           "runtime_directory = \"run\"\n"
           "\n"
           "[[listener]]\n"
           "name = \"mcp\"\n"
           "host = " +
           toml_string(gate.host) +
           "\n"
           "port = " +
           std::to_string(gate.port) +
           "\n"
           "\n"
           "[listener.tls]\n"
           "certificate = \"pki/server.crt\"\n"
           "private_key = \"pki/server.key\"\n"
           "client_certificate = \"require\"\n"
           "client_ca = [\"pki/ca.crt\"]\n" +
           std::string(kPipeline) + route(gate.upstream);
}

}  // namespace postern::cli
