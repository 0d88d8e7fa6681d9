#include "core/cli/private_key.h"

#include <array>
#include <vector>

#include "core/base/file.h"
#include "core/base/nearest.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

constexpr std::uint64_t kMaxKeyFile = 64 * 1024;

struct KeyTypeRow {
    const char* name;
    KeyType type;
    gnutls_pk_algorithm_t algorithm;
    unsigned bits;
};

constexpr std::array<KeyTypeRow, 6> kKeyTypes = {{
    {"ecdsa-p256", KeyType::ecdsa_p256, GNUTLS_PK_ECDSA,
     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
    {"ecdsa-p384", KeyType::ecdsa_p384, GNUTLS_PK_ECDSA,
     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)},
    {"rsa-2048", KeyType::rsa_2048, GNUTLS_PK_RSA, 2048},
    {"rsa-3072", KeyType::rsa_3072, GNUTLS_PK_RSA, 3072},
    {"rsa-4096", KeyType::rsa_4096, GNUTLS_PK_RSA, 4096},
    {"ed25519", KeyType::ed25519, GNUTLS_PK_EDDSA_ED25519,
     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519)},
}};

Result<tls::PrivateKeyOwner> new_key_handle() {
    gnutls_x509_privkey_t key = nullptr;
    if (const int rc = gnutls_x509_privkey_init(&key); rc < 0)
        return gnutls_failure("private key", rc);
    return tls::PrivateKeyOwner(key);
}

bool is_encrypted(const gnutls_datum_t& datum, gnutls_x509_crt_fmt_t format, ByteView content) {
    if (format == GNUTLS_X509_FMT_PEM) {
        const auto text = as_text(content);
        // RFC 7468 section 11, and the older header inside PKCS#1 and SEC 1 files.
        return text.find("ENCRYPTED") != text.npos;
    }
    return gnutls_pkcs8_info(&datum, format, nullptr, nullptr, nullptr, nullptr, nullptr,
                             nullptr) == 0;
}

Result<Digest256> public_key_digest(gnutls_pubkey_t key) {
    tls::GnutlsDatum der;
    if (const int rc = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, der.out()); rc < 0)
        return gnutls_failure("public key", rc);
    Digest256 digest;
    const auto spki = der.view();
    if (const int rc = gnutls_hash_fast(GNUTLS_DIG_SHA256, spki.data(), spki.size(), digest.data());
        rc < 0)
        return gnutls_failure("public key", rc);
    return digest;
}

Result<tls::PublicKeyOwner> new_public_key_handle() {
    gnutls_pubkey_t key = nullptr;
    if (const int rc = gnutls_pubkey_init(&key); rc < 0) return gnutls_failure("public key", rc);
    return tls::PublicKeyOwner(key);
}

Result<tls::PublicKeyOwner> public_half(gnutls_x509_privkey_t key) {
    gnutls_privkey_t handle = nullptr;
    if (const int rc = gnutls_privkey_init(&handle); rc < 0)
        return gnutls_failure("private key", rc);
    const tls::AbstractKeyOwner abstract(handle);
    auto half = new_public_key_handle();
    if (!half) return half;
    int rc = gnutls_privkey_import_x509(abstract.get(), key, 0);
    if (rc >= 0) rc = gnutls_pubkey_import_privkey(half->get(), abstract.get(), 0, 0);
    if (rc < 0) return gnutls_failure("public key", rc);
    return half;
}

}  // namespace

Result<KeyType> parse_key_type(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& row : kKeyTypes) {
        if (text == row.name) return row.type;
        names.emplace_back(row.name);
    }
    const auto meant = nearest(text, names);
    return configuration_error("--key-type: unknown type \"" + printable(text) + "\"; " +
                               (meant ? "did you mean " + *meant + "?"
                                      : "one of ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, "
                                        "rsa-4096, ed25519"));
}

Result<tls::PrivateKeyOwner> generate_key(KeyType type) {
    auto key = new_key_handle();
    if (!key) return key;
    const auto& row = kKeyTypes[static_cast<std::size_t>(type)];
    if (const int rc = gnutls_x509_privkey_generate(key->get(), row.algorithm, row.bits, 0); rc < 0)
        return gnutls_failure("generating a key", rc);
    return key;
}

Result<tls::PrivateKeyOwner> read_private_key(const std::string& path,
                                              const PasswordSource& password) {
    auto content = read_file(path, kMaxKeyFile);
    if (!content) return configuration_error(std::move(content).error().message);
    auto key = parse_private_key(*content, path, password);
    gnutls_memset(content->data(), 0, content->size());
    return key;
}

Result<tls::PrivateKeyOwner> parse_private_key(ByteView content, const std::string& path,
                                               const PasswordSource& password) {
    auto key = new_key_handle();
    if (!key) return key;
    const auto format = as_text(content).find("-----BEGIN ") != std::string_view::npos
                            ? GNUTLS_X509_FMT_PEM
                            : GNUTLS_X509_FMT_DER;
    const auto datum = tls::datum_of(content);
    if (!is_encrypted(datum, format, content)) {
        if (gnutls_x509_privkey_import2(key->get(), &datum, format, nullptr, 0) < 0)
            return configuration_error(printable(path) +
                                       ": no private key in it; PEM or DER is expected");
        return key;
    }
    const auto secret = password.existing(path);
    if (!secret) return secret.error();
    if (gnutls_x509_privkey_import2(key->get(), &datum, format, secret->c_str(), 0) < 0)
        return configuration_error(printable(path) + ": cannot be decrypted; is the password of " +
                                   password.flag + " the right one?");
    return key;
}

Result<Secret> encode_private_key(gnutls_x509_privkey_t key, Encoding encoding,
                                  const std::optional<Secret>& password) {
    tls::GnutlsDatum encoded;
    const int rc = gnutls_x509_privkey_export2_pkcs8(
        key, encoding == Encoding::pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER,
        password ? password->c_str() : nullptr,
        password ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, encoded.out());
    if (rc < 0) return gnutls_failure("encoding a private key", rc);
    Secret secret(encoded.view());
    gnutls_memset(encoded.out()->data, 0, encoded.out()->size);
    return secret;
}

Result<gnutls_digest_algorithm_t> signature_digest(gnutls_x509_privkey_t key) {
    const auto half = public_half(key);
    if (!half) return half.error();
    auto digest = GNUTLS_DIG_UNKNOWN;
    unsigned mandatory = 0;
    const int rc = gnutls_pubkey_get_preferred_hash_algorithm(half->get(), &digest, &mandatory);
    if (rc < 0) return gnutls_failure("private key", rc);
    return digest;
}

Result<Digest256> public_key_digest(gnutls_x509_privkey_t key) {
    const auto half = public_half(key);
    if (!half) return half.error();
    return public_key_digest(half->get());
}

Result<Digest256> public_key_digest(gnutls_x509_crt_t certificate) {
    const auto key = new_public_key_handle();
    if (!key) return key.error();
    if (const int rc = gnutls_pubkey_import_x509(key->get(), certificate, 0); rc < 0)
        return gnutls_failure("public key", rc);
    return public_key_digest(key->get());
}

}  // namespace postern::cli
