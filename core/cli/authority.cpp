#include "core/cli/authority.h"

#include <filesystem>

#include <CLI/CLI.hpp>

#include "core/base/file.h"
#include "core/cli/certificate_file.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/printable.h"
#include "core/cli/private_key.h"

namespace postern::cli {
namespace {

struct AuthorityPaths {
    std::string certificate;
    std::string key;
};

Result<AuthorityPaths> resolve_paths(const AuthorityOptions& options) {
    const std::filesystem::path directory(options.directory);
    AuthorityPaths paths{options.certificate, options.key};
    if (!options.directory.empty()) {
        if (paths.certificate.empty()) paths.certificate = directory / "ca.crt";
        if (paths.key.empty()) paths.key = directory / "ca.key";
    }
    if (paths.certificate.empty() || paths.key.empty())
        return configuration_error(
            "which CA? give its directory with --ca, or --ca-cert and --ca-key");
    return paths;
}

std::string beside(const std::string& certificate, const char* extension) {
    return std::filesystem::path(certificate).replace_extension(extension);
}

// What stands behind a leaf that this CA signs: of a root nothing, of an intermediate chain.crt if
// that is of the same CA, else the CA's certificate alone.
Result<std::string> read_chain(gnutls_x509_crt_t ca, const std::filesystem::path& ca_path) {
    if (is_self_issued(ca)) return std::string();
    const auto path = (ca_path.parent_path() / "chain.crt").string();
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return encode_pem(ca);
    const auto chain = read_certificates(path);
    if (!chain) return chain.error();
    if (!gnutls_x509_crt_equals(chain->front().get(), ca)) return encode_pem(ca);
    std::string pem;
    for (const auto& each : *chain) {
        auto encoded = encode_pem(each.get());
        if (!encoded) return encoded;
        pem += *encoded;
    }
    return pem;
}

}  // namespace

void AuthorityOptions::add_to(CLI::App& command) {
    command.add_option("--ca", directory, "Directory of the CA (ca.crt, ca.key)")->type_name("DIR");
    command.add_option("--ca-cert", certificate, "The CA's certificate")->type_name("FILE");
    command.add_option("--ca-key", key, "The CA's private key")->type_name("FILE");
    command.add_option("--ca-password-file", password_file, "Password of the CA's key")
        ->type_name("FILE");
}

std::int64_t Authority::not_after() const {
    return gnutls_x509_crt_get_expiration_time(certificate.get());
}
std::string Authority::state_path() const {
    return beside(certificate_path, ".revoked.json");
}
std::string Authority::crl_path() const {
    return beside(certificate_path, ".crl.pem");
}

bool is_self_issued(gnutls_x509_crt_t certificate) {
    return gnutls_x509_crt_check_issuer(certificate, certificate) != 0;
}

Result<Authority> open_authority(const AuthorityOptions& options) {
    const auto paths = resolve_paths(options);
    if (!paths) return paths.error();
    auto certificates = read_certificates(paths->certificate);
    if (!certificates) return certificates.error();
    Authority authority;
    authority.certificate_path = paths->certificate;
    authority.certificate = std::move(certificates->front());
    if (gnutls_x509_crt_get_ca_status(authority.certificate.get(), nullptr) <= 0)
        return configuration_error(printable(paths->certificate) +
                                   ": is not a CA's certificate; postern cert init-ca makes one");

    auto key = read_private_key(paths->key, {"--ca-password-file", options.password_file});
    if (!key) return key.error();
    authority.key = std::move(*key);
    const auto of_key = public_key_digest(authority.key.get());
    if (!of_key) return of_key.error();
    const auto of_certificate = public_key_digest(authority.certificate.get());
    if (!of_certificate) return of_certificate.error();
    if (*of_key != *of_certificate)
        return configuration_error(printable(paths->key) + ": is not the key of " +
                                   printable(paths->certificate));

    auto chain = read_chain(authority.certificate.get(), paths->certificate);
    if (!chain) return chain.error();
    authority.chain_pem = std::move(*chain);
    return authority;
}

}  // namespace postern::cli
