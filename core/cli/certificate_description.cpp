#include "core/cli/certificate_description.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include <arpa/inet.h>

#include "core/cli/gnutls_failure.h"
#include "core/cli/private_key.h"
#include "core/cli/serial_number.h"

namespace postern::cli {
namespace {

constexpr unsigned kMaxListed = 10000;  // names or URIs of one certificate

// GnuTLS's functions that fill a buffer: asks for the size first. None when it is not there.
template <class Fill>
std::optional<Bytes> filled(Fill fill) {
    Bytes buffer(256);
    std::size_t size = buffer.size();
    int rc = fill(buffer.data(), &size);
    if (rc == GNUTLS_E_SHORT_MEMORY_BUFFER) {
        buffer.resize(size);
        rc = fill(buffer.data(), &size);
    }
    if (rc < 0) return std::nullopt;
    buffer.resize(size);
    return buffer;
}

// GnuTLS counts a final zero byte into the size of some strings and not of others.
std::string text_of(const Bytes& bytes) {
    auto text = as_text(bytes);
    while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
    return std::string(text);
}

std::string hex_of(const std::optional<Bytes>& bytes) {
    return bytes ? to_hex(*bytes) : "";
}

std::string key_text(gnutls_x509_crt_t certificate) {
    unsigned bits = 0;
    const int algorithm = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
    switch (algorithm) {
        case GNUTLS_PK_ECDSA: {
            gnutls_ecc_curve_t curve{};
            tls::GnutlsDatum x, y;
            if (gnutls_x509_crt_get_pk_ecc_raw(certificate, &curve, x.out(), y.out()) < 0)
                return "ECDSA, unknown curve";
            switch (curve) {
                case GNUTLS_ECC_CURVE_SECP256R1:
                    return "ECDSA P-256";
                case GNUTLS_ECC_CURVE_SECP384R1:
                    return "ECDSA P-384";
                case GNUTLS_ECC_CURVE_SECP521R1:
                    return "ECDSA P-521";
                default:
                    return std::string("ECDSA ") + gnutls_ecc_curve_get_name(curve);
            }
        }
        case GNUTLS_PK_EDDSA_ED25519:
            return "Ed25519";
        default:
            break;
    }
    const char* name =
        algorithm < 0 ? nullptr : gnutls_pk_get_name(static_cast<gnutls_pk_algorithm_t>(algorithm));
    return name ? std::string(name) + " " + std::to_string(bits) : "unknown";
}

std::string signature_text(int algorithm) {
    const char* name = algorithm < 0
                           ? nullptr
                           : gnutls_sign_get_name(static_cast<gnutls_sign_algorithm_t>(algorithm));
    return name ? name : "unknown";
}

std::string address_text(const Bytes& address) {
    std::array<char, INET6_ADDRSTRLEN> text;
    const int family = address.size() == 4 ? AF_INET : AF_INET6;
    if ((address.size() != 4 && address.size() != 16) ||
        !inet_ntop(family, address.data(), text.data(), text.size()))
        return to_hex(address);
    return text.data();
}

std::vector<CertificateDescription::Name> alternative_names(gnutls_x509_crt_t certificate) {
    std::vector<CertificateDescription::Name> names;
    for (unsigned i = 0; i < kMaxListed; ++i) {
        int type = 0;
        const auto value = filled([&](void* data, std::size_t* size) {
            return type = gnutls_x509_crt_get_subject_alt_name(certificate, i, data, size, nullptr);
        });
        if (!value) break;
        switch (type) {
            case GNUTLS_SAN_DNSNAME:
                names.push_back({"DNS", text_of(*value)});
                break;
            case GNUTLS_SAN_IPADDRESS:
                names.push_back({"IP", address_text(*value)});
                break;
            case GNUTLS_SAN_RFC822NAME:
                names.push_back({"email", text_of(*value)});
                break;
            case GNUTLS_SAN_URI:
                names.push_back({"URI", text_of(*value)});
                break;
            default:
                names.push_back({"other", text_of(*value)});
        }
    }
    return names;
}

std::vector<std::string> key_usage(gnutls_x509_crt_t certificate) {
    struct Row {
        unsigned bit;
        const char* name;
    };
    constexpr Row kUsages[] = {
        {GNUTLS_KEY_DIGITAL_SIGNATURE, "digitalSignature"},
        {GNUTLS_KEY_NON_REPUDIATION, "nonRepudiation"},
        {GNUTLS_KEY_KEY_ENCIPHERMENT, "keyEncipherment"},
        {GNUTLS_KEY_DATA_ENCIPHERMENT, "dataEncipherment"},
        {GNUTLS_KEY_KEY_AGREEMENT, "keyAgreement"},
        {GNUTLS_KEY_KEY_CERT_SIGN, "keyCertSign"},
        {GNUTLS_KEY_CRL_SIGN, "cRLSign"},
        {GNUTLS_KEY_ENCIPHER_ONLY, "encipherOnly"},
        {GNUTLS_KEY_DECIPHER_ONLY, "decipherOnly"},
    };
    unsigned bits = 0;
    std::vector<std::string> names;
    if (gnutls_x509_crt_get_key_usage(certificate, &bits, nullptr) < 0) return names;
    for (const auto& row : kUsages)
        if (bits & row.bit) names.emplace_back(row.name);
    return names;
}

std::string purpose_name(const std::string& oid) {
    if (oid == GNUTLS_KP_TLS_WWW_SERVER) return "serverAuth";
    if (oid == GNUTLS_KP_TLS_WWW_CLIENT) return "clientAuth";
    if (oid == GNUTLS_KP_CODE_SIGNING) return "codeSigning";
    if (oid == GNUTLS_KP_EMAIL_PROTECTION) return "emailProtection";
    if (oid == GNUTLS_KP_TIME_STAMPING) return "timeStamping";
    if (oid == GNUTLS_KP_OCSP_SIGNING) return "OCSPSigning";
    if (oid == GNUTLS_KP_ANY) return "anyExtendedKeyUsage";
    return oid;
}

std::vector<std::string> extended_key_usage(gnutls_x509_crt_t certificate) {
    std::vector<std::string> names;
    for (unsigned i = 0; i < kMaxListed; ++i) {
        const auto oid = filled([&](void* data, std::size_t* size) {
            return gnutls_x509_crt_get_key_purpose_oid(certificate, i, data, size, nullptr);
        });
        if (!oid) break;
        names.push_back(purpose_name(text_of(*oid)));
    }
    return names;
}

std::vector<std::string> crl_uris(gnutls_x509_crt_t certificate) {
    std::vector<std::string> uris;
    for (unsigned i = 0; i < kMaxListed; ++i) {
        const auto uri = filled([&](void* data, std::size_t* size) {
            return gnutls_x509_crt_get_crl_dist_points(certificate, i, data, size, nullptr,
                                                       nullptr);
        });
        if (!uri) break;
        uris.push_back(text_of(*uri));
    }
    return uris;
}

std::vector<std::string> access_uris(gnutls_x509_crt_t certificate, int kind) {
    std::vector<std::string> uris;
    for (unsigned i = 0; i < kMaxListed; ++i) {
        tls::GnutlsDatum uri;
        const int rc =
            gnutls_x509_crt_get_authority_info_access(certificate, i, kind, uri.out(), nullptr);
        if (rc == GNUTLS_E_UNKNOWN_ALGORITHM) continue;  // the entry is of another kind
        if (rc < 0) break;
        uris.emplace_back(as_text(uri.view()));
    }
    return uris;
}

std::string colon_hex(ByteView bytes) {
    const auto hex = to_hex(bytes);
    std::string text;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i > 0 && i % 2 == 0) text += ':';
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(hex[i])));
    }
    return text;
}

}  // namespace

Result<std::string> certificate_fingerprint(gnutls_x509_crt_t certificate) {
    Digest256 digest;
    std::size_t size = digest.size();
    if (const int rc =
            gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, digest.data(), &size);
        rc < 0)
        return gnutls_failure("fingerprint", rc);
    return colon_hex(digest);
}

Result<std::string> public_key_pin(gnutls_x509_crt_t certificate) {
    const auto digest = public_key_digest(certificate);
    if (!digest) return digest.error();
    return "sha256/" + to_base64(*digest);
}

Result<CertificateDescription> describe(gnutls_x509_crt_t certificate) {
    CertificateDescription made;
    tls::GnutlsDatum subject, issuer;
    if (gnutls_x509_crt_get_dn3(certificate, subject.out(), 0) >= 0)
        made.subject = as_text(subject.view());
    if (gnutls_x509_crt_get_issuer_dn3(certificate, issuer.out(), 0) >= 0)
        made.issuer = as_text(issuer.view());
    made.version = static_cast<unsigned>(std::max(0, gnutls_x509_crt_get_version(certificate)));
    const auto serial = filled([&](void* data, std::size_t* size) {
        return gnutls_x509_crt_get_serial(certificate, data, size);
    });
    if (serial) made.serial = serial_text(*serial);
    made.not_before = gnutls_x509_crt_get_activation_time(certificate);
    made.not_after = gnutls_x509_crt_get_expiration_time(certificate);
    made.key = key_text(certificate);
    made.signature = signature_text(gnutls_x509_crt_get_signature_algorithm(certificate));

    unsigned authority = 0;
    if (gnutls_x509_crt_get_basic_constraints(certificate, nullptr, &authority,
                                              &made.path_length) >= 0)
        made.authority = authority != 0;
    made.names = alternative_names(certificate);
    made.key_usage = key_usage(certificate);
    made.extended_key_usage = extended_key_usage(certificate);
    made.subject_key_identifier = hex_of(filled([&](void* data, std::size_t* size) {
        return gnutls_x509_crt_get_subject_key_id(certificate, data, size, nullptr);
    }));
    made.authority_key_identifier = hex_of(filled([&](void* data, std::size_t* size) {
        return gnutls_x509_crt_get_authority_key_id(certificate, data, size, nullptr);
    }));
    made.crl_uris = crl_uris(certificate);
    made.ocsp_uris = access_uris(certificate, GNUTLS_IA_OCSP_URI);
    made.issuer_uris = access_uris(certificate, GNUTLS_IA_CAISSUERS_URI);

    auto fingerprint = certificate_fingerprint(certificate);
    if (!fingerprint) return fingerprint.error();
    made.sha256 = std::move(*fingerprint);
    // A key that GnuTLS does not know has no pin; the rest still counts.
    if (auto pin = public_key_pin(certificate)) made.pin = std::move(*pin);
    return made;
}

Result<CrlDescription> describe(gnutls_x509_crl_t crl) {
    CrlDescription made;
    tls::GnutlsDatum issuer;
    if (gnutls_x509_crl_get_issuer_dn3(crl, issuer.out(), 0) >= 0)
        made.issuer = as_text(issuer.view());
    made.number = hex_of(filled([&](void* data, std::size_t* size) {
        return gnutls_x509_crl_get_number(crl, data, size, nullptr);
    }));
    made.this_update = gnutls_x509_crl_get_this_update(crl);
    made.next_update = gnutls_x509_crl_get_next_update(crl);
    made.signature = signature_text(gnutls_x509_crl_get_signature_algorithm(crl));
    made.authority_key_identifier = hex_of(filled([&](void* data, std::size_t* size) {
        return gnutls_x509_crl_get_authority_key_id(crl, data, size, nullptr);
    }));

    gnutls_x509_crl_iter_t at = nullptr;
    while (true) {
        std::array<unsigned char, 128> serial;
        std::size_t size = serial.size();
        time_t revoked_at = 0;
        const int rc = gnutls_x509_crl_iter_crt_serial(crl, &at, serial.data(), &size, &revoked_at);
        if (rc < 0) break;
        made.entries.push_back({serial_text({serial.data(), size}), revoked_at});
    }
    gnutls_x509_crl_iter_deinit(at);
    return made;
}

}  // namespace postern::cli
