#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/cli/commands.h"
#include "core/cli/first_steps.h"
#include "core/cli/gate_configuration.h"
#include "core/cli/init_options.h"
#include "core/cli/issuance.h"
#include "core/cli/output_file.h"
#include "core/cli/printable.h"
#include "core/config/url.h"

namespace postern::cli {
namespace {

constexpr std::int64_t kAuthorityLifetime = 3650 * kDay;
constexpr std::int64_t kLeafLifetime = 365 * kDay;
// Nobody renews a new gate's CRL by a timer yet, and failure_mode is deny.
constexpr std::int64_t kCrlLifetime = 365 * kDay;

Result<std::uint16_t> parse_port(const std::string& text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535)
        return configuration_error("--port: \"" + printable(text) +
                                   "\" is not a port from 1 to 65535");
    return static_cast<std::uint16_t>(port);
}

Result<void> check(const InitOptions& options) {
    if (!options.stdio.empty() && !options.upstream.empty())
        return configuration_error("--stdio and --upstream are two kinds of server; give one");
    if (!options.stdio.empty() && options.stdio.find_first_not_of(" \t\n") == std::string::npos)
        return configuration_error("--stdio: is blank; give the server's command line");
    if (!options.upstream.empty())
        if (const auto url = config::parse_http_url(options.upstream); !url)
            return configuration_error("--upstream: " + url.error().message);
    if (address_bytes(options.host).empty())
        return configuration_error("--host: \"" + printable(options.host) +
                                   "\" is not an address; 127.0.0.1, :: or one of this host's is "
                                   "expected");
    return {};
}

std::string own_host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void add_once(std::vector<std::string>& to, const std::string& value) {
    if (std::find(to.begin(), to.end(), value) == to.end()) to.push_back(value);
}

// Loopback, this host, the address it listens on, and what was asked for.
NameOptions server_names(const InitOptions& options) {
    NameOptions names{{"localhost"}, {"127.0.0.1", "::1"}, {}, {}};
    const auto own = own_host_name();
    if (is_host_name(own) && address_bytes(own).empty()) add_once(names.dns, own);
    if (options.host != "0.0.0.0" && options.host != "::") add_once(names.ip, options.host);
    for (const auto& name : options.dns) add_once(names.dns, name);
    for (const auto& address : options.ip) add_once(names.ip, address);
    return names;
}

IssueTarget target(const std::filesystem::path& pki, const std::string& base) {
    IssueTarget made;
    made.certificate_path = pki / (base + ".crt");
    made.key_path = pki / (base + ".key");
    return made;
}

CertificateSpec spec(const std::string& name, std::int64_t lifetime) {
    const auto now = system_clock().wall_seconds();
    CertificateSpec made;
    made.common_name = name;
    made.validity = {now - 5 * 60, now + lifetime};
    return made;
}

Result<void> make_pki(const std::filesystem::path& pki, SubjectNames names) {
    auto ca = spec("Postern CA", kAuthorityLifetime);
    ca.authority = true;
    ca.path_length = 0;
    if (const auto made = issue(ca, target(pki, "ca"), nullptr); !made) return made.error();
    const auto authority = open_authority({pki, "", "", ""});
    if (!authority) return authority.error();

    auto server = spec("localhost", kLeafLifetime);
    server.names = std::move(names);
    server.purpose = Purpose::server;
    if (const auto made = issue(server, target(pki, "server"), &*authority); !made)
        return made.error();
    auto client = spec("client", kLeafLifetime);
    client.purpose = Purpose::client;
    if (const auto made = issue(client, target(pki, "client"), &*authority); !made)
        return made.error();
    const auto now = system_clock().wall_seconds();
    const auto crl =
        issue_crl(*authority, authority->crl_path(), Encoding::pem, now, now + kCrlLifetime);
    if (!crl) return crl.error();
    return {};
}

Result<void> expect_new(const std::filesystem::path& directory) {
    const auto why = "postern init overwrites nothing; choose another --directory";
    if (auto absent = expect_absent(directory / "posternd.toml", why); !absent) return absent;
    for (const auto* name : {"ca.crt", "ca.key", "ca.crl.pem", "ca.revoked.json", "server.crt",
                             "server.key", "client.crt", "client.key"})
        if (auto absent = expect_absent(directory / "pki" / name, why); !absent) return absent;
    return {};
}

Result<void> run(const InitOptions& options) {
    if (auto checked = check(options); !checked) return checked;
    const auto port = parse_port(options.port);
    if (!port) return port.error();
    auto names = parse_subject_names(server_names(options));
    if (!names) return names.error();
    const std::filesystem::path directory(options.directory);
    if (auto fresh = expect_new(directory); !fresh) return fresh;
    for (const auto* part : {"pki", "state", "run"})
        if (auto made = make_directory(directory / part); !made) return made;
    if (auto made = make_pki(directory / "pki", std::move(*names)); !made) return made;

    const GateConfiguration gate{options.host, *port, options.upstream, options.stdio,
                                 std::filesystem::current_path().string()};
    const auto path = (directory / "posternd.toml").string();
    if (auto written =
            write_public_file(path, as_bytes(gate_configuration_text(gate)), Replace::no);
        !written)
        return written;
    std::cout << first_steps_text(std::filesystem::canonical(directory), gate);
    return {};
}

}  // namespace

void add_init(CLI::App& parent, Action& action) {
    auto* command = parent.add_subcommand("init", "Set up a new gate: PKI and configuration");
    auto options = std::make_shared<InitOptions>();
    command->add_option("--directory", options->directory, "Where; default: ./postern")
        ->type_name("DIR");
    command->add_option("--upstream", options->upstream, "The MCP server behind it, over HTTP")
        ->type_name("URL");
    command
        ->add_option("--stdio", options->stdio,
                     "The MCP server behind it, a command line that the gate runs")
        ->type_name("CMD");
    command->add_option("--host", options->host, "Address to listen on; default: 127.0.0.1")
        ->type_name("ADDRESS");
    command->add_option("--port", options->port, "Port to listen on; default: 8443")
        ->type_name("N");
    command->add_option("--dns", options->dns, "Further name of this host, again for more")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command->add_option("--ip", options->ip, "Further address of this host, again for more")
        ->type_name("ADDRESS")
        ->allow_extra_args(false);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
