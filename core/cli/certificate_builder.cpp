#include "core/cli/certificate_builder.h"

#include <algorithm>
#include <array>

#include "core/cli/gnutls_failure.h"
#include "core/cli/printable.h"
#include "core/cli/private_key.h"
#include "core/cli/serial_number.h"

namespace postern::cli {
namespace {

// Runs the steps of one certificate until one fails, so that each stands on its own line.
class Steps {
public:
    template <class Function, class... Arguments>
    void operator()(Function function, Arguments... arguments) {
        if (code_ >= 0) code_ = function(arguments...);
    }
    [[nodiscard]] int code() const { return code_; }

private:
    int code_ = 0;
};

unsigned size_of(const std::string& text) {
    return static_cast<unsigned>(text.size());
}

void set_names(Steps& step, gnutls_x509_crt_t certificate, const SubjectNames& names) {
    const auto add = [&](gnutls_x509_subject_alt_name_t type, const void* data, std::size_t size) {
        step(gnutls_x509_crt_set_subject_alt_name, certificate, type, data,
             static_cast<unsigned>(size), static_cast<unsigned>(GNUTLS_FSAN_APPEND));
    };
    for (const auto& name : names.dns) add(GNUTLS_SAN_DNSNAME, name.data(), name.size());
    for (const auto& address : names.addresses)
        add(GNUTLS_SAN_IPADDRESS, address.data(), address.size());
    for (const auto& name : names.email) add(GNUTLS_SAN_RFC822NAME, name.data(), name.size());
    for (const auto& name : names.uri) add(GNUTLS_SAN_URI, name.data(), name.size());
}

void set_usage(Steps& step, gnutls_x509_crt_t certificate, const CertificateSpec& spec,
               gnutls_x509_privkey_t subject_key) {
    step(gnutls_x509_crt_set_basic_constraints, certificate, spec.authority ? 1u : 0u,
         spec.authority ? spec.path_length.value_or(-1) : -1);

    unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
    if (spec.authority)
        usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN;
    else if (gnutls_x509_privkey_get_pk_algorithm(subject_key) == GNUTLS_PK_RSA)
        usage |= GNUTLS_KEY_KEY_ENCIPHERMENT;
    step(gnutls_x509_crt_set_key_usage, certificate, usage);

    if (spec.purpose && *spec.purpose != Purpose::client)
        step(gnutls_x509_crt_set_key_purpose_oid, certificate, GNUTLS_KP_TLS_WWW_SERVER, 0u);
    if (spec.purpose && *spec.purpose != Purpose::server)
        step(gnutls_x509_crt_set_key_purpose_oid, certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0u);
}

void set_locations(Steps& step, gnutls_x509_crt_t certificate, const CertificateSpec& spec) {
    for (const auto& uri : spec.crl_uris)
        step(gnutls_x509_crt_set_crl_dist_points2, certificate, GNUTLS_SAN_URI,
             static_cast<const void*>(uri.data()), size_of(uri), 0u);
    for (const auto& uri : spec.ocsp_uris) {
        auto datum = tls::datum_of(as_bytes(uri));
        step(gnutls_x509_crt_set_authority_info_access, certificate,
             static_cast<int>(GNUTLS_IA_OCSP_URI), &datum);
    }
}

// RFC 7093 section 2, method 4: from the whole SubjectPublicKeyInfo, here cut to 160 bits.
Result<Bytes> key_identifier(gnutls_x509_privkey_t key) {
    const auto digest = public_key_digest(key);
    if (!digest) return digest.error();
    return Bytes(digest->begin(), digest->begin() + 20);
}

// What the issuer calls its own key: the verifier looks for exactly this.
Result<Bytes> issuer_key_identifier(const Signer& signer) {
    if (signer.certificate) {
        Bytes identifier(128);
        std::size_t size = identifier.size();
        unsigned critical = 0;
        const int rc = gnutls_x509_crt_get_subject_key_id(signer.certificate, identifier.data(),
                                                          &size, &critical);
        if (rc >= 0) {
            identifier.resize(size);
            return identifier;
        }
    }
    return key_identifier(signer.key);
}

Result<void> set_key_identifiers(Steps& step, gnutls_x509_crt_t certificate,
                                 gnutls_x509_privkey_t subject_key, const Signer& signer) {
    const auto own = key_identifier(subject_key);
    if (!own) return own.error();
    const auto issuer = issuer_key_identifier(signer);
    if (!issuer) return issuer.error();
    step(gnutls_x509_crt_set_subject_key_id, certificate, static_cast<const void*>(own->data()),
         own->size());
    step(gnutls_x509_crt_set_authority_key_id, certificate,
         static_cast<const void*>(issuer->data()), issuer->size());
    return {};
}

Result<void> sign(gnutls_x509_crt_t certificate, const Signer& signer) {
    const auto digest = signature_digest(signer.key);
    if (!digest) return digest.error();
    gnutls_privkey_t handle = nullptr;
    if (const int rc = gnutls_privkey_init(&handle); rc < 0)
        return gnutls_failure("signing key", rc);
    const tls::AbstractKeyOwner key(handle);
    int rc = gnutls_privkey_import_x509(key.get(), signer.key, 0);
    if (rc >= 0)
        rc = gnutls_x509_crt_privkey_sign(certificate,
                                          signer.certificate ? signer.certificate : certificate,
                                          key.get(), *digest, 0);
    if (rc < 0) return gnutls_failure("signing the certificate", rc);
    return {};
}

// GnuTLS fills what it answers from (raw names, subjectAltName) when it imports a certificate, not
// when it makes one.
Result<tls::CertificateOwner> imported_again(gnutls_x509_crt_t made) {
    tls::GnutlsDatum der;
    gnutls_x509_crt_t handle = nullptr;
    int rc = gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_DER, der.out());
    if (rc >= 0) rc = gnutls_x509_crt_init(&handle);
    if (rc < 0) return gnutls_failure("certificate", rc);
    tls::CertificateOwner certificate(handle);
    rc = gnutls_x509_crt_import(handle, der.out(), GNUTLS_X509_FMT_DER);
    if (rc < 0) return gnutls_failure("certificate", rc);
    return certificate;
}

}  // namespace

Result<tls::CertificateOwner> build_certificate(const CertificateSpec& spec,
                                                gnutls_x509_privkey_t subject_key,
                                                const Signer& signer) {
    auto serial = spec.serial.empty() ? random_serial() : Result<Bytes>(spec.serial);
    if (!serial) return serial.error();

    gnutls_x509_crt_t handle = nullptr;
    if (const int rc = gnutls_x509_crt_init(&handle); rc < 0)
        return gnutls_failure("certificate", rc);
    const tls::CertificateOwner certificate(handle);

    Steps step;
    step(gnutls_x509_crt_set_version, handle, 3u);
    step(gnutls_x509_crt_set_serial, handle, static_cast<const void*>(serial->data()),
         serial->size());
    step(gnutls_x509_crt_set_dn_by_oid, handle, GNUTLS_OID_X520_COMMON_NAME, 0u,
         static_cast<const void*>(spec.common_name.data()), size_of(spec.common_name));
    step(gnutls_x509_crt_set_activation_time, handle, spec.validity.not_before);
    step(gnutls_x509_crt_set_expiration_time, handle, spec.validity.not_after);
    step(gnutls_x509_crt_set_key, handle, subject_key);
    set_usage(step, handle, spec, subject_key);
    set_names(step, handle, spec.names);
    if (auto set = set_key_identifiers(step, handle, subject_key, signer); !set) return set.error();
    set_locations(step, handle, spec);
    if (step.code() < 0) return gnutls_failure("certificate", step.code());
    if (auto signed_ = sign(handle, signer); !signed_) return signed_.error();
    return imported_again(handle);
}

Result<Purpose> parse_purpose(const std::string& text) {
    if (text == "server") return Purpose::server;
    if (text == "client") return Purpose::client;
    if (text == "both") return Purpose::both;
    return configuration_error("--purpose: \"" + printable(text) +
                               "\" is not one of server, client, both");
}

Result<std::string> encode_pem(gnutls_x509_crt_t certificate) {
    tls::GnutlsDatum pem;
    if (const int rc = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, pem.out()); rc < 0)
        return gnutls_failure("encoding a certificate", rc);
    return std::string(as_text(pem.view()));
}

}  // namespace postern::cli
