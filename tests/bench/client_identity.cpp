#include "tests/bench/client_identity.h"

#include <array>
#include <ctime>

#include "core/base/bytes.h"

namespace postern::bench {
namespace {

using tls::CertificateOwner;
using tls::CredentialsOwner;
using tls::PrivateKeyOwner;

constexpr std::time_t kClockTolerance = 300;
constexpr std::time_t kLifetime = 24 * 3600;

struct Authority {
    CertificateOwner certificate;
    PrivateKeyOwner key;
    std::array<unsigned char, 64> key_id{};
    std::size_t key_id_size = 0;
};

Error gnutls_error(const std::string& what, int code) {
    return internal_error(what + ": " + gnutls_strerror(code));
}

CertificateOwner new_certificate() {
    gnutls_x509_crt_t handle = nullptr;
    gnutls_x509_crt_init(&handle);
    return CertificateOwner(handle);
}

PrivateKeyOwner new_private_key() {
    gnutls_x509_privkey_t handle = nullptr;
    gnutls_x509_privkey_init(&handle);
    return PrivateKeyOwner(handle);
}

CredentialsOwner new_credentials() {
    gnutls_certificate_credentials_t handle = nullptr;
    gnutls_certificate_allocate_credentials(&handle);
    return CredentialsOwner(handle);
}

Result<Authority> load_authority(const std::string& certificate_file, const std::string& key_file) {
    Authority authority{new_certificate(), new_private_key()};
    gnutls_datum_t text{nullptr, 0};
    int code = gnutls_load_file(certificate_file.c_str(), &text);
    if (code == 0) {
        code = gnutls_x509_crt_import(authority.certificate.get(), &text, GNUTLS_X509_FMT_PEM);
        gnutls_free(text.data);
    }
    if (code < 0) return gnutls_error("--ca-cert " + certificate_file, code);

    code = gnutls_load_file(key_file.c_str(), &text);
    if (code == 0) {
        code = gnutls_x509_privkey_import(authority.key.get(), &text, GNUTLS_X509_FMT_PEM);
        gnutls_free(text.data);
    }
    if (code < 0) return gnutls_error("--ca-key " + key_file, code);

    authority.key_id_size = authority.key_id.size();
    code = gnutls_x509_crt_get_subject_key_id(authority.certificate.get(), authority.key_id.data(),
                                              &authority.key_id_size, nullptr);
    if (code < 0) return gnutls_error("subject key identifier of " + certificate_file, code);
    return authority;
}

void describe(gnutls_x509_crt_t leaf, const Authority& authority, std::size_t number) {
    std::array<unsigned char, 16> serial{};
    gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size());
    serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);  // positive, no leading zero
    const std::string name = "client-" + std::to_string(number) + ".bench.example";
    const std::time_t now = std::time(nullptr);
    std::array<unsigned char, 64> key_id{};
    std::size_t key_id_size = key_id.size();

    gnutls_x509_crt_set_version(leaf, 3);
    gnutls_x509_crt_set_serial(leaf, serial.data(), serial.size());
    gnutls_x509_crt_set_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                  static_cast<unsigned>(name.size()));
    gnutls_x509_crt_set_activation_time(leaf, now - kClockTolerance);
    gnutls_x509_crt_set_expiration_time(leaf, now + kLifetime);
    gnutls_x509_crt_set_basic_constraints(leaf, 0, -1);
    gnutls_x509_crt_set_key_usage(leaf, GNUTLS_KEY_DIGITAL_SIGNATURE);
    gnutls_x509_crt_set_key_purpose_oid(leaf, GNUTLS_KP_TLS_WWW_CLIENT, 0);
    gnutls_x509_crt_set_subject_alt_name(leaf, GNUTLS_SAN_DNSNAME, name.data(),
                                         static_cast<unsigned>(name.size()), GNUTLS_FSAN_SET);
    gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA1, key_id.data(), &key_id_size);
    gnutls_x509_crt_set_subject_key_id(leaf, key_id.data(), key_id_size);
    gnutls_x509_crt_set_authority_key_id(leaf, authority.key_id.data(), authority.key_id_size);
}

Result<CredentialsOwner> issue(const Authority& authority, std::size_t number) {
    PrivateKeyOwner key = new_private_key();
    int code = gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (code < 0) return gnutls_error("making a client key", code);
    CertificateOwner leaf = new_certificate();
    gnutls_x509_crt_set_key(leaf.get(), key.get());
    describe(leaf.get(), authority, number);
    code = gnutls_x509_crt_sign2(leaf.get(), authority.certificate.get(), authority.key.get(),
                                 GNUTLS_DIG_SHA256, 0);
    if (code < 0) return gnutls_error("signing a client certificate", code);

    CredentialsOwner credentials = new_credentials();
    gnutls_x509_crt_t chain = leaf.get();
    code = gnutls_certificate_set_x509_key(credentials.get(), &chain, 1, key.get());
    if (code < 0) return gnutls_error("using a client certificate", code);
    return credentials;
}

}  // namespace

Result<std::vector<CredentialsOwner>> issue_identities(std::size_t count,
                                                       const std::string& ca_certificate,
                                                       const std::string& ca_key) {
    std::vector<CredentialsOwner> identities;
    if (count == 0) {
        identities.push_back(new_credentials());
        return identities;
    }
    Result<Authority> authority = load_authority(ca_certificate, ca_key);
    if (!authority) return authority.error();
    identities.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        Result<CredentialsOwner> identity = issue(*authority, number);
        if (!identity) return identity.error();
        identities.push_back(std::move(*identity));
    }
    return identities;
}

}  // namespace postern::bench
