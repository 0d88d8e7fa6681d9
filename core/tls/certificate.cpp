// parse_certificate of chain.h. GnuTLS decodes the certificate and judges its form; what it has no
// call for, or only a quadratic one, is read from the DER itself.
#include <optional>

#include "core/tls/certificate_extensions.h"
#include "core/tls/chain.h"
#include "core/tls/der.h"
#include "core/tls/digest.h"
#include "core/tls/gnutls_handle.h"
#include "postern/service/crypto.h"
#include "postern/service/x509.h"

namespace postern::tls {
namespace {

Bytes copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

// RFC 5280 4.1, the fields of TBSCertificate that are taken as they stand.
bool read_fields(ByteView der, Certificate& out, ByteView& extensions) {
    const auto certificate = der_single(der, kDerSequence);
    if (!certificate) return false;
    const auto signed_part = DerReader(certificate->content).next(kDerSequence);
    if (!signed_part) return false;

    DerReader fields(signed_part->content);
    out.version = 1;
    if (const auto version = fields.next(der_context_constructed(0))) {
        const auto number = der_single(version->content, kDerInteger);
        if (!number || number->content.size() != 1 || number->content[0] > 2) return false;
        out.version = number->content[0] + 1;
    }
    const auto serial = fields.next(kDerInteger);
    const auto algorithm = serial ? fields.next(kDerSequence) : std::nullopt;
    const auto issuer = algorithm ? fields.next(kDerSequence) : std::nullopt;
    const auto validity = issuer ? fields.next(kDerSequence) : std::nullopt;
    const auto subject = validity ? fields.next(kDerSequence) : std::nullopt;
    const auto spki = subject ? fields.next(kDerSequence) : std::nullopt;
    if (!spki) return false;
    if (!der_count(issuer->content, kMaxListEntries) ||
        !der_count(subject->content, kMaxListEntries))
        return false;

    const auto signature = DerReader(algorithm->content).next(kDerOid);
    if (!signature) return false;
    out.signature_oid = der_oid_text(signature->content);
    out.serial = copy_of(serial->content);
    out.issuer = copy_of(issuer->whole);
    out.subject = copy_of(subject->whole);
    out.spki = copy_of(spki->whole);

    (void)fields.next(der_context(1));  // issuerUniqueID
    (void)fields.next(der_context(2));  // subjectUniqueID
    if (const auto element = fields.next(der_context_constructed(3))) {
        const auto list = der_single(element->content, kDerSequence);
        if (!list) return false;
        extensions = list->content;
    }
    return fields.at_end();
}

std::int64_t hash_number(gnutls_sign_algorithm_t signature) {
    // What they hash with inside is not the certificate's choice.
    if (signature == GNUTLS_SIGN_EDDSA_ED25519 || signature == GNUTLS_SIGN_EDDSA_ED448) return 0;
    switch (gnutls_sign_get_hash_algorithm(signature)) {
        case GNUTLS_DIG_MD5:
            return POSTERN_DIGEST_MD5;
        case GNUTLS_DIG_SHA1:
            return POSTERN_DIGEST_SHA1;
        case GNUTLS_DIG_SHA224:
            return POSTERN_DIGEST_SHA224;
        case GNUTLS_DIG_SHA256:
            return POSTERN_DIGEST_SHA256;
        case GNUTLS_DIG_SHA384:
            return POSTERN_DIGEST_SHA384;
        case GNUTLS_DIG_SHA512:
            return POSTERN_DIGEST_SHA512;
        default:
            return POSTERN_DIGEST_OTHER;
    }
}

void read_key(gnutls_x509_crt_t certificate, Certificate& out) {
    unsigned bits = 0;
    const int algorithm = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
    out.key_bits = bits;
    switch (algorithm) {
        case GNUTLS_PK_RSA:
            out.key_type = POSTERN_KEY_RSA;
            break;
        case GNUTLS_PK_RSA_PSS:
            out.key_type = POSTERN_KEY_RSA_PSS;
            break;
        case GNUTLS_PK_EDDSA_ED25519:
            out.key_type = POSTERN_KEY_ED25519;
            break;
        case GNUTLS_PK_EDDSA_ED448:
            out.key_type = POSTERN_KEY_ED448;
            break;
        case GNUTLS_PK_DSA:
            out.key_type = POSTERN_KEY_DSA;
            break;
        case GNUTLS_PK_ECDSA: {
            out.key_type = POSTERN_KEY_EC;
            gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
            if (gnutls_x509_crt_get_pk_ecc_raw(certificate, &curve, nullptr, nullptr) < 0) break;
            if (const char* oid = gnutls_ecc_curve_get_oid(curve)) out.curve_oid = oid;
            break;
        }
        default:
            out.key_type = POSTERN_KEY_OTHER;
            out.key_bits = 0;
    }
}

void read_common_names(gnutls_x509_crt_t certificate, Certificate& out) {
    for (unsigned i = 0; i < kMaxListEntries; ++i) {
        std::string name(256, '\0');
        std::size_t size = name.size();
        int status = gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, i, 0,
                                                   name.data(), &size);
        if (status == GNUTLS_E_SHORT_MEMORY_BUFFER && size <= kMaxCertificate) {
            name.resize(size);
            status = gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, i, 0,
                                                   name.data(), &size);
        }
        if (status < 0) return;
        name.resize(size);
        out.common_names.push_back(std::move(name));
    }
}

// RFC 4514 section 2.4 gives "#" and hex to what has no text; a whole name that GnuTLS cannot
// print gets the same.
std::string name_text(gnutls_x509_crt_t certificate, ByteView name,
                      int (*read)(gnutls_x509_crt_t, gnutls_datum_t*, unsigned)) {
    GnutlsDatum text;
    const int status = read(certificate, text.out(), 0);
    if (status >= 0) return std::string(as_text(text.view()));
    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return {};  // an empty name
    return "#" + to_hex(name);
}

}  // namespace

Result<Certificate> parse_certificate(ByteView der) {
    if (der.size() > kMaxCertificate)
        return configuration_error("it is longer than 64 KiB, the most that is read");

    Certificate out;
    ByteView extensions;
    if (!read_fields(der, out, extensions))
        return configuration_error("it is not an X.509 certificate in DER");
    if (const auto read = read_extensions(extensions, out); !read) return read.error();

    gnutls_x509_crt_t handle = nullptr;
    if (gnutls_x509_crt_init(&handle) < 0) return internal_error("out of memory");
    const CertificateOwner owner(handle);
    const gnutls_datum_t data = datum_of(der);
    if (const int status = gnutls_x509_crt_import(handle, &data, GNUTLS_X509_FMT_DER); status < 0)
        return configuration_error("it is not an X.509 certificate: " +
                                   std::string(gnutls_strerror(status)));

    out.der = copy_of(der);
    out.sha256 = sha256(der);
    out.spki_sha256 = sha256(out.spki);
    out.not_before = gnutls_x509_crt_get_activation_time(handle);
    out.not_after = gnutls_x509_crt_get_expiration_time(handle);
    if (out.not_before == -1 || out.not_after == -1)
        return configuration_error("its validity is malformed");
    out.signature_hash = hash_number(
        static_cast<gnutls_sign_algorithm_t>(gnutls_x509_crt_get_signature_algorithm(handle)));
    read_key(handle, out);
    read_common_names(handle, out);
    out.subject_text = name_text(handle, out.subject, gnutls_x509_crt_get_dn3);
    out.issuer_text = name_text(handle, out.issuer, gnutls_x509_crt_get_issuer_dn3);
    return out;
}

}  // namespace postern::tls
