#include "core/cli/issue_options.h"

#include <array>
#include <iostream>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/cli/printable.h"
#include "core/cli/serial_number.h"

namespace postern::cli {
namespace {

// One value a flag, any number of flags: "--dns a --dns b". Otherwise CLI11 would take what follows
// as more values.
void add_list(CLI::App& command, const char* flag, std::vector<std::string>& values,
              const char* help, const char* type) {
    command.add_option(flag, values, help)->type_name(type)->allow_extra_args(false);
}

std::string first_name(const NameOptions& names) {
    for (const auto* list : {&names.dns, &names.email, &names.uri, &names.ip})
        if (!list->empty()) return list->front();
    return {};
}

Result<std::string> common_name(const IssueOptions& options, const NameOptions& names) {
    const auto name = options.name.empty() ? first_name(names) : options.name;
    if (name.empty())
        return configuration_error("whose certificate? give --name, --dns, --ip, --email or --uri");
    auto checked = check_common_name("--name", name);
    if (!checked)
        return options.name.empty()
                   ? configuration_error("--name is needed: \"" + printable(name) +
                                         "\" is longer than the 64 characters of a common name")
                   : checked.error();
    return name;
}

}  // namespace

void IssueOptions::add_to(CLI::App& command) {
    command.add_option("--name", name, "Common name; default: the first other name");
    command.add_option("--out", out, "Write BASE.crt and BASE.key")->type_name("BASE");
    command.add_option("--days", validity.days, "Days it is valid")->type_name("N");
    command.add_option("--validity", validity.validity, "How long it is valid, such as 90d or 12h")
        ->type_name("DURATION");
    command.add_option("--not-before", validity.not_before, "Valid from; default: 5 minutes ago")
        ->type_name("RFC3339");
    command.add_option("--not-after", validity.not_after, "Valid until")->type_name("RFC3339");
    command.add_option("--serial", serial, "Serial number; default: 128 random bits")
        ->type_name("HEX");
    command
        .add_option("--key-type", key_type,
                    "ecdsa-p256 (default), ecdsa-p384, rsa-2048, rsa-3072, rsa-4096, ed25519")
        ->type_name("TYPE");
    command.add_option("--key", key, "Certify this key instead of making one")->type_name("FILE");
    command.add_option("--group", group, "The key is mode 0640 and of this group, not 0600");
    command.add_option("--password-file", password_file, "Encrypt the key with this password")
        ->type_name("FILE");
    command.add_flag("--force", force, "Replace the certificate (never a key)");
}

void LeafOptions::add_to(CLI::App& command) {
    add_list(command, "--dns", names.dns, "Host name, again for more", "NAME");
    add_list(command, "--ip", names.ip, "Address, again for more", "ADDRESS");
    add_list(command, "--email", names.email, "Mail address, again for more", "ADDRESS");
    add_list(command, "--uri", names.uri, "URI, such as a SPIFFE ID, again for more", "URI");
    command.add_option("--purpose", purpose, "server, client or both");
    add_list(command, "--crl-uri", crl_uris, "Where its CRL is, again for more", "URL");
    add_list(command, "--ocsp-uri", ocsp_uris, "Where its OCSP responder is", "URL");
}

Result<IssueTarget> IssueOptions::target(const std::string& base) const {
    IssueTarget made{base + ".crt",
                     base + ".key",
                     key,
                     KeyType::ecdsa_p256,
                     group,
                     password_file,
                     force ? Force::yes : Force::no};
    const auto type = parse_key_type(key_type);
    if (!type) return type.error();
    made.key_type = *type;
    return made;
}

Result<Bytes> IssueOptions::serial_number() const {
    return serial.empty() ? Result<Bytes>(Bytes()) : parse_serial("--serial", serial);
}

Result<CertificateSpec> leaf_spec(const IssueOptions& options, const LeafOptions& leaf,
                                  std::int64_t lifetime, std::optional<std::int64_t> latest_end) {
    auto name = common_name(options, leaf.names);
    if (!name) return name.error();
    auto names = parse_subject_names(leaf.names);
    if (!names) return names.error();
    const auto purpose = parse_purpose(leaf.purpose);
    if (!purpose) return purpose.error();
    auto serial = options.serial_number();
    if (!serial) return serial.error();
    const auto validity =
        resolve_validity(options.validity, system_clock().wall_seconds(), lifetime, latest_end);
    if (!validity) return validity.error();
    for (const auto& uri : leaf.crl_uris)
        if (auto checked = check_fetch_uri("--crl-uri", uri); !checked) return checked.error();
    for (const auto& uri : leaf.ocsp_uris)
        if (auto checked = check_fetch_uri("--ocsp-uri", uri); !checked) return checked.error();

    CertificateSpec spec;
    spec.common_name = std::move(*name);
    spec.names = std::move(*names);
    spec.validity = *validity;
    spec.serial = std::move(*serial);
    spec.purpose = *purpose;
    spec.crl_uris = leaf.crl_uris;
    spec.ocsp_uris = leaf.ocsp_uris;
    return spec;
}

void print_issued(const CertificateSpec& spec, const IssueTarget& target,
                  gnutls_x509_crt_t certificate) {
    std::array<std::uint8_t, 64> serial;
    std::size_t size = serial.size();
    if (gnutls_x509_crt_get_serial(certificate, serial.data(), &size) < 0) size = 0;
    std::cout << "wrote " << printable(target.certificate_path);
    if (target.existing_key.empty()) std::cout << " and " << printable(target.key_path);
    std::cout << ": CN=" << printable(spec.common_name) << ", serial "
              << serial_text({serial.data(), size}) << ", until "
              << format_time(spec.validity.not_after) << "\n";
}

}  // namespace postern::cli
