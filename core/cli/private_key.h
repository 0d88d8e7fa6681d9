#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/cli/password.h"
#include "core/cli/secret.h"
#include "core/tls/gnutls_handle.h"

namespace postern::cli {

enum class KeyType { ecdsa_p256, ecdsa_p384, rsa_2048, rsa_3072, rsa_4096, ed25519 };
enum class Encoding { pem, der };

// The value of --key-type.
[[nodiscard]] Result<KeyType> parse_key_type(const std::string& text);
[[nodiscard]] Result<tls::PrivateKeyOwner> generate_key(KeyType type);

// PEM or DER; PKCS#8 (encrypted too), PKCS#1 or SEC 1.
[[nodiscard]] Result<tls::PrivateKeyOwner> read_private_key(const std::string& path,
                                                            const PasswordSource& password);
[[nodiscard]] Result<tls::PrivateKeyOwner> parse_private_key(ByteView content,
                                                             const std::string& path,
                                                             const PasswordSource& password);

// PKCS#8; with a password PBES2 with AES-256.
[[nodiscard]] Result<Secret> encode_private_key(gnutls_x509_privkey_t key, Encoding encoding,
                                                const std::optional<Secret>& password);

// The digest that fits the key's strength.
[[nodiscard]] Result<gnutls_digest_algorithm_t> signature_digest(gnutls_x509_privkey_t key);
// SHA-256 of the SubjectPublicKeyInfo.
[[nodiscard]] Result<Digest256> public_key_digest(gnutls_x509_privkey_t key);
[[nodiscard]] Result<Digest256> public_key_digest(gnutls_x509_crt_t certificate);

}  // namespace postern::cli
