#include "core/cli/gate_configuration.h"

#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

#include <unistd.h>

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

// The words of a command line. What only a shell can read is left to one.
std::vector<std::string> words_of(const std::string& command_line) {
    if (command_line.find_first_of("\"'\\$`|&;<>()*?[]{}~#!\n") != std::string::npos) {
        return {"/bin/sh", "-c", command_line};
    }
    std::istringstream text(command_line);
    return {std::istream_iterator<std::string>(text), {}};
}

// Nobody's choice but the one's who runs this as root: their gate will refuse it without.
constexpr const char* kAsRoot =
    "# A gate that runs as root: better name another user = \"...\" for the server, and drop "
    "this.\n"
    "allow_root = true\n";

std::string upstream(const GateConfiguration& gate) {
    if (!gate.upstream.empty()) {
        return "kind = \"http\"\nurls = [" + toml_string(gate.upstream) + "]\n";
    }
    if (!gate.stdio.empty()) {
        return "kind = \"stdio\"\ncommand = " + config::toml_strings(words_of(gate.stdio)) +
               "\nworking_directory = " + toml_string(gate.working_directory) + "\n" +
               std::string(::geteuid() == 0 ? kAsRoot : "");
    }
    return "kind = \"builtin\"   # tools: echo, whoami\n";
}

std::string route(const GateConfiguration& gate) {
    const bool is_demo = gate.upstream.empty() && gate.stdio.empty();
    return "\n[[listener.route]]\nname = " + toml_string(is_demo ? "demo" : "upstream") +
           "\npath = \"/mcp\"\n[listener.route.upstream]\n" + upstream(gate);
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
           std::string(kPipeline) + route(gate);
}

}  // namespace postern::cli
