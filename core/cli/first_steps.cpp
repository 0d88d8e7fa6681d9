#include "core/cli/first_steps.h"

#include <algorithm>
#include <string_view>

namespace postern::cli {
namespace {

constexpr const char* kWhoami =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{}}})";
constexpr const char* kInitialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
    R"("capabilities":{},"clientInfo":{"name":"curl","version":"1"}}})";

// A name of the server's certificate under which the gate is reached from this host.
std::string authority_of(const GateConfiguration& gate) {
    const bool everywhere = gate.host == "0.0.0.0" || gate.host == "::" ||
                            gate.host == "127.0.0.1" || gate.host == "::1";
    const auto literal =
        gate.host.find(':') == std::string::npos ? gate.host : "[" + gate.host + "]";
    return (everywhere ? "localhost" : literal) + ":" + std::to_string(gate.port);
}

}  // namespace

std::string shell_word(const std::string& text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+:,@%").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    return word + "'";
}

std::string first_steps_text(const std::string& directory, const GateConfiguration& gate) {
    const auto file = [&](const char* name) { return shell_word(directory + "/" + name); };
    const auto url = "https://" + authority_of(gate) + "/mcp";
    return "Made " + shell_word(directory) +
           ": posternd.toml, and pki/ with a CA, its CRL, the server's and one client's "
           "certificate.\n"
           "\n"
           "Start the gate:\n"
           "  posternd --config " +
           file("posternd.toml") +
           "\n"
           "\n"
           "Call it:\n"
           "  curl --cacert " +
           file("pki/ca.crt") + " --cert " + file("pki/client.crt") + " --key " +
           file("pki/client.key") +
           " -H 'Content-Type: application/json'"
           " -H 'Accept: application/json, text/event-stream' -d '" +
           (gate.upstream.empty() ? kWhoami : kInitialize) + "' " + url +
           "\n"
           "\n"
           "In a client that takes a certificate:\n"
           "  url " +
           url + "  certificate " + file("pki/client.crt") + "  key " + file("pki/client.key") +
           "  CA " + file("pki/ca.crt") + "\n";
}

}  // namespace postern::cli
