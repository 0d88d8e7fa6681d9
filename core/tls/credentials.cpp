#include "core/tls/credentials.h"

#include <algorithm>

#include <arpa/inet.h>

#include "core/tls/key_pair.h"

namespace postern::tls {
namespace {

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string ip_text(const Bytes& address) {
    char text[INET6_ADDRSTRLEN] = {};
    const int family = address.size() == 4 ? AF_INET : AF_INET6;
    if (address.size() != 4 && address.size() != 16) return {};
    return inet_ntop(family, address.data(), text, sizeof text) == nullptr ? std::string() : text;
}

std::vector<std::string> names_in(const Certificate& leaf) {
    std::vector<std::string> names;
    for (const std::string& name : leaf.san_dns) names.push_back(lower_case(name));
    for (const Bytes& address : leaf.san_ip)
        if (std::string text = ip_text(address); !text.empty()) names.push_back(std::move(text));
    return names;
}

// RFC 6125 6.4.3, the plain form: the whole leftmost label, and exactly one.
bool matches(std::string_view pattern, std::string_view name) {
    if (pattern == name) return true;
    if (!pattern.starts_with("*.")) return false;
    const std::size_t dot = name.find('.');
    return dot != 0 && dot != std::string_view::npos && name.substr(dot) == pattern.substr(1);
}

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
                       [sni](const std::string& name) { return matches(name, sni); });
}

Result<Credentials> load_credentials(const config::Certificate& files) {
    auto pair = read_key_pair(files);
    if (!pair) return pair.error();

    gnutls_certificate_credentials_t handle = nullptr;
    if (gnutls_certificate_allocate_credentials(&handle) < 0)
        return internal_error("out of memory");
    Credentials credentials;
    credentials.handle.reset(handle);
    if (const auto set = set_key(handle, *pair, files); !set) return set.error();
    credentials.chain = pair->chain;
    for (const std::string& name : files.server_names)
        credentials.server_names.push_back(lower_case(name));
    if (credentials.server_names.empty())
        credentials.server_names = names_in(credentials.chain->leaf());
    return credentials;
}

}  // namespace postern::tls
