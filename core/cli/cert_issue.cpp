#include <memory>

#include <CLI/CLI.hpp>

#include "core/cli/commands.h"
#include "core/cli/issue_options.h"

namespace postern::cli {
namespace {

constexpr std::int64_t kLifetime = 365 * kDay;

struct Options {
    AuthorityOptions authority;
    IssueOptions issue;
    LeafOptions leaf;
};

// RFC 9110 section 4.3.4: clients match host names against subjectAltName only.
Result<void> check_server_names(const LeafOptions& leaf) {
    const auto purpose = parse_purpose(leaf.purpose);
    if (!purpose) return purpose.error();
    if (*purpose == Purpose::client || !leaf.names.dns.empty() || !leaf.names.ip.empty() ||
        !leaf.names.uri.empty())
        return {};
    return configuration_error(
        "a server's names are needed: give --dns, --ip or --uri; clients do not look at --name");
}

Result<void> finish(const Options& options, const CertificateSpec& spec,
                    const Authority* authority) {
    const auto target = options.issue.target(options.issue.out);
    if (!target) return target.error();
    const auto certificate = issue(spec, *target, authority);
    if (!certificate) return certificate.error();
    print_issued(spec, *target, certificate->get());
    return {};
}

Result<void> run_signed(const Options& options) {
    if (auto checked = check_server_names(options.leaf); !checked) return checked;
    const auto authority = open_authority(options.authority);
    if (!authority) return authority.error();
    const auto spec = leaf_spec(options.issue, options.leaf, kLifetime, authority->not_after());
    if (!spec) return spec.error();
    return finish(options, *spec, &*authority);
}

Result<void> run_self_signed(const Options& options) {
    if (auto checked = check_server_names(options.leaf); !checked) return checked;
    const auto spec = leaf_spec(options.issue, options.leaf, kLifetime, std::nullopt);
    if (!spec) return spec.error();
    return finish(options, *spec, nullptr);
}

void add_signed(CLI::App& cert, Action& action, const std::string& role, const std::string& help) {
    auto* command = cert.add_subcommand(role, help);
    auto options = std::make_shared<Options>();
    options->leaf.purpose = role;
    options->issue.out = role;
    options->authority.add_to(*command);
    options->leaf.add_to(*command);
    options->issue.add_to(*command);
    command->callback([options, &action] { action = [options] { return run_signed(*options); }; });
}

}  // namespace

void add_cert_server(CLI::App& cert, Action& action) {
    add_signed(cert, action, "server", "Issue a server's certificate and key");
}

void add_cert_client(CLI::App& cert, Action& action) {
    add_signed(cert, action, "client", "Issue a client's certificate and key");
}

void add_cert_self_signed(CLI::App& cert, Action& action) {
    auto* command =
        cert.add_subcommand("self-signed", "Make a certificate without a CA, to be pinned");
    auto options = std::make_shared<Options>();
    options->leaf.purpose = "server";
    options->issue.out = "self-signed";
    options->leaf.add_to(*command);
    options->issue.add_to(*command);
    command->callback(
        [options, &action] { action = [options] { return run_self_signed(*options); }; });
}

}  // namespace postern::cli
