#include "core/tls/credentials.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/tls/key_pair.h"
#include "core/tls/names.h"

namespace postern::tls {
namespace {

// GnuTLS sorts silently and leaves out what does not fit; clients would get less than the file
// holds.
bool is_in_order(const Chain& chain) {
    const auto& certificates = chain.certificates();
    for (std::size_t i = 1; i < certificates.size(); ++i)
        if (certificates[i - 1].issuer != certificates[i].subject) return false;
    return true;
}

Result<void> set_key(gnutls_certificate_credentials_t handle, const KeyPair& pair,
                     const config::Certificate& files) {
    if (!is_in_order(*pair.chain))
        return configuration_error(files.certificate +
                                   ": the chain is out of order; the server's certificate has to "
                                   "come first, each followed by its issuer");
    std::vector<CertificateOwner> owners;
    std::vector<gnutls_x509_crt_t> raw;
    for (const Certificate& certificate : pair.chain->certificates()) {
        gnutls_x509_crt_t item = nullptr;
        if (gnutls_x509_crt_init(&item) < 0) return internal_error("out of memory");
        owners.emplace_back(item);
        raw.push_back(item);
        const gnutls_datum_t der = datum_of(certificate.der);
        if (const int status = gnutls_x509_crt_import(item, &der, GNUTLS_X509_FMT_DER); status < 0)
            return configuration_error(files.certificate + ": " + gnutls_strerror(status));
    }
    // Copies both.
    const int status = gnutls_certificate_set_x509_key(
        handle, raw.data(), static_cast<int>(raw.size()), pair.key.get());
    if (status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return configuration_error(
            (files.private_key.empty() ? files.certificate : files.private_key) +
            ": the key does not match the certificate in " + files.certificate);
    if (status < 0) return configuration_error(files.certificate + ": " + gnutls_strerror(status));
    return {};
}

}  // namespace

bool Credentials::serves(std::string_view sni) const {
    return std::any_of(server_names.begin(), server_names.end(),
                       [sni](const std::string& name) { return name_matches(name, sni); });
}

Result<CredentialsOwner> allocate_credentials() {
    gnutls_certificate_credentials_t handle = nullptr;
    if (gnutls_certificate_allocate_credentials(&handle) < 0)
        return internal_error("out of memory");
    return CredentialsOwner(handle);
}

Result<Credentials> load_credentials(const config::Certificate& files) {
    auto pair = read_key_pair(files);
    if (!pair) return pair.error();

    auto handle = allocate_credentials();
    if (!handle) return handle.error();
    Credentials credentials;
    credentials.handle = std::move(*handle);
    if (const auto set = set_key(credentials.handle.get(), *pair, files); !set) return set.error();
    credentials.chain = pair->chain;
    for (const std::string& name : files.server_names)
        credentials.server_names.push_back(lower_case(name));
    if (credentials.server_names.empty())
        credentials.server_names = names_in(credentials.chain->leaf());
    return credentials;
}

void warn_if_not_valid(const Credentials& credentials, const config::Certificate& files,
                       LogField owner) {
    const Certificate& leaf = credentials.chain->leaf();
    const std::int64_t now = system_clock().wall_seconds();
    if (now >= leaf.not_before && now <= leaf.not_after) return;
    const bool expired = now > leaf.not_after;
    log::write(LogLevel::warning, "tls",
               expired ? "own certificate has expired" : "own certificate is not valid yet",
               {owner,
                {"file", files.certificate},
                {expired ? "not_after" : "not_before",
                 format_time(expired ? leaf.not_after : leaf.not_before)}});
}

}  // namespace postern::tls
