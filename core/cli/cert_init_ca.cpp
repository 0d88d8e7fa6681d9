#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/cli/commands.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/issue_options.h"
#include "core/cli/output_file.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

constexpr std::int64_t kLifetime = 3650 * kDay;

struct Options {
    IssueOptions issue;
    std::string parent;
    std::string parent_password_file;
    std::string path_length;
    std::vector<std::string> crl_uris;
    std::vector<std::string> ocsp_uris;
};

Result<std::optional<int>> parse_path_length(const std::string& text) {
    if (text.empty()) return std::optional<int>();
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '9')
        return std::optional<int>(text[0] - '0');
    return configuration_error("--path-length: \"" + printable(text) +
                               "\" is not a number from 0 to 9");
}

// RFC 5280 section 4.2.1.9: how many intermediates may stand below; -1 is any number.
Result<int> path_length_of(const Authority& authority) {
    unsigned ca = 0;
    int length = -1;
    const int rc =
        gnutls_x509_crt_get_basic_constraints(authority.certificate.get(), nullptr, &ca, &length);
    if (rc < 0) return gnutls_failure("basic constraints of the parent", rc);
    return length;
}

// An intermediate without a wish signs leaves only.
Result<std::optional<int>> intermediate_path_length(std::optional<int> asked,
                                                    const Authority& parent) {
    const auto above = path_length_of(parent);
    if (!above) return above.error();
    if (*above == 0)
        return configuration_error("--parent: " + printable(parent.certificate_path) +
                                   " has path length 0, so it signs no other CA");
    const int length = asked.value_or(0);
    if (*above > 0 && length >= *above)
        return configuration_error("--path-length: " + std::to_string(length) +
                                   " does not fit below the parent's " + std::to_string(*above) +
                                   "; less is needed");
    return std::optional<int>(length);
}

Result<CertificateSpec> authority_spec(const Options& options, const Authority* parent) {
    CertificateSpec spec;
    spec.authority = true;
    spec.common_name = !options.issue.name.empty() ? options.issue.name
                       : parent                    ? "Postern Intermediate CA"
                                                   : "Postern CA";
    if (auto checked = check_common_name("--name", spec.common_name); !checked)
        return checked.error();
    auto length = parse_path_length(options.path_length);
    if (length && parent) length = intermediate_path_length(*length, *parent);
    if (!length) return length.error();
    spec.path_length = *length;
    auto serial = options.issue.serial_number();
    if (!serial) return serial.error();
    spec.serial = std::move(*serial);
    const auto validity =
        resolve_validity(options.issue.validity, system_clock().wall_seconds(), kLifetime,
                         parent ? std::optional<std::int64_t>(parent->not_after()) : std::nullopt);
    if (!validity) return validity.error();
    spec.validity = *validity;
    for (const auto& uri : options.crl_uris)
        if (auto checked = check_fetch_uri("--crl-uri", uri); !checked) return checked.error();
    for (const auto& uri : options.ocsp_uris)
        if (auto checked = check_fetch_uri("--ocsp-uri", uri); !checked) return checked.error();
    spec.crl_uris = options.crl_uris;
    spec.ocsp_uris = options.ocsp_uris;
    return spec;
}

// Itself, then those above it but the root: a leaf's file ends with this.
Result<void> write_chain(const std::string& path, gnutls_x509_crt_t certificate,
                         const Authority& parent, Force force) {
    const auto own = encode_pem(certificate);
    if (!own) return own.error();
    return write_public_file(path, as_bytes(*own + parent.chain_pem),
                             force == Force::yes ? Replace::yes : Replace::no);
}

Result<void> run(const Options& options) {
    const std::filesystem::path directory(options.issue.out);
    const auto target = options.issue.target(directory / "ca");
    if (!target) return target.error();
    std::optional<Authority> parent;
    if (!options.parent.empty()) {
        auto opened = open_authority({options.parent, "", "", options.parent_password_file});
        if (!opened) return opened.error();
        parent = std::move(*opened);
    }
    const auto spec = authority_spec(options, parent ? &*parent : nullptr);
    if (!spec) return spec.error();
    const auto chain = (directory / "chain.crt").string();
    if (target->force == Force::no)
        if (auto absent = expect_absent(
                chain, "choose another --out, or replace the certificates with --force");
            !absent)
            return absent;
    if (auto made = make_directory(directory); !made) return made;
    const auto certificate = issue(*spec, *target, parent ? &*parent : nullptr);
    if (!certificate) return certificate.error();
    if (parent)
        if (auto written = write_chain(chain, certificate->get(), *parent, target->force); !written)
            return written;
    print_issued(*spec, *target, certificate->get());
    return {};
}

}  // namespace

void add_cert_init_ca(CLI::App& cert, Action& action) {
    auto* command = cert.add_subcommand("init-ca", "Make a certificate authority");
    auto options = std::make_shared<Options>();
    options->issue.out = "pki";
    options->issue.add_to(*command);
    auto* out = command->get_option("--out");
    out->description("Directory for ca.crt and ca.key; default: pki");
    out->type_name("DIR");
    command->get_option("--name")->description("Common name; default: Postern CA");
    command->add_option("--parent", options->parent, "Make an intermediate, signed by this CA")
        ->type_name("DIR");
    command
        ->add_option("--ca-password-file", options->parent_password_file,
                     "Password of the parent's key")
        ->type_name("FILE");
    command
        ->add_option("--path-length", options->path_length,
                     "How many intermediates may stand below; default: any, below --parent 0")
        ->type_name("N");
    command->add_option("--crl-uri", options->crl_uris, "Where the parent's CRL is")
        ->type_name("URL")
        ->allow_extra_args(false);
    command->add_option("--ocsp-uri", options->ocsp_uris, "Where the parent's OCSP responder is")
        ->type_name("URL")
        ->allow_extra_args(false);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
