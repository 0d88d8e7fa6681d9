#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/tls/gnutls_handle.h"

namespace postern::cli {

// What people and programs ask of a certificate. Text in it comes from the certificate: hostile,
// not yet made printable.
struct CertificateDescription {
    struct Name {
        std::string type;  // "DNS", "IP", "email", "URI", "other"
        std::string value;
    };

    unsigned version = 0;
    std::string subject;  // RFC 4514
    std::string issuer;
    std::string serial;  // hexadecimal
    std::int64_t not_before = 0;
    std::int64_t not_after = 0;
    std::string key;        // "ECDSA P-256"
    std::string signature;  // "ECDSA-SHA256"
    bool authority = false;
    int path_length = -1;  // -1: no limit
    std::vector<Name> names;
    std::vector<std::string> key_usage;
    std::vector<std::string> extended_key_usage;
    std::string subject_key_identifier;  // hexadecimal
    std::string authority_key_identifier;
    std::vector<std::string> crl_uris;
    std::vector<std::string> ocsp_uris;
    std::vector<std::string> issuer_uris;
    std::string sha256;  // "AB:CD:…"
    std::string pin;     // "sha256/<base64>"
};

[[nodiscard]] Result<CertificateDescription> describe(gnutls_x509_crt_t certificate);

struct CrlDescription {
    struct Entry {
        std::string serial;
        std::int64_t revoked_at = 0;
    };

    std::string issuer;
    std::string number;  // hexadecimal, empty: none
    std::int64_t this_update = 0;
    std::int64_t next_update = -1;  // -1: none
    std::string signature;
    std::string authority_key_identifier;
    std::vector<Entry> entries;
};

[[nodiscard]] Result<CrlDescription> describe(gnutls_x509_crl_t crl);

// "AB:CD:…" of SHA-256 of the whole certificate, "sha256/…" of its SubjectPublicKeyInfo.
[[nodiscard]] Result<std::string> certificate_fingerprint(gnutls_x509_crt_t certificate);
[[nodiscard]] Result<std::string> public_key_pin(gnutls_x509_crt_t certificate);

}  // namespace postern::cli
