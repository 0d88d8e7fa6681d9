#include "core/cli/crl_builder.h"

#include "core/cli/der_writer.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/private_key.h"

namespace postern::cli {
namespace {

constexpr const char* kReasonCode = "2.5.29.21";
constexpr const char* kCrlNumber = "2.5.29.20";
constexpr const char* kAuthorityKeyIdentifier = "2.5.29.35";

// Extension with critical at its default, FALSE.
Bytes extension(const char* oid, ByteView content) {
    return der::sequence(
        {der::object_identifier(oid), der::value(der::Tag::octet_string, content)});
}

Bytes entry(const Revocation& revocation) {
    const auto serial = der::integer(ByteView(revocation.serial));
    const auto time = der::time(revocation.revoked_at);
    // Section 5.3.1: unspecified is said by leaving the reason out.
    if (revocation.reason == RevocationReason::unspecified) return der::sequence({serial, time});
    const Bytes code{static_cast<std::uint8_t>(revocation.reason)};
    const auto reason = extension(kReasonCode, der::value(der::Tag::enumerated, code));
    return der::sequence({serial, time, der::sequence({reason})});
}

Bytes entries(std::span<const Revocation> revoked) {
    // Section 5.1.2.6: no entries, no list.
    if (revoked.empty()) return {};
    Bytes content;
    for (const auto& each : revoked) {
        const auto encoded = entry(each);
        content.insert(content.end(), encoded.begin(), encoded.end());
    }
    return der::value(der::Tag::sequence, content);
}

Result<Bytes> authority_key_identifier(gnutls_x509_crt_t issuer) {
    Bytes identifier(128);
    std::size_t size = identifier.size();
    const int rc = gnutls_x509_crt_get_subject_key_id(issuer, identifier.data(), &size, nullptr);
    if (rc < 0) return gnutls_failure("subject key identifier of the CA", rc);
    identifier.resize(size);
    return extension(kAuthorityKeyIdentifier,
                     der::sequence({der::value(der::Tag::context_0_primitive, identifier)}));
}

// RFC 4055 section 5: RSA's parameters are NULL; RFC 5758 and RFC 8410: the others' are absent.
Bytes algorithm_identifier(gnutls_sign_algorithm_t algorithm) {
    const auto oid = der::object_identifier(gnutls_sign_get_oid(algorithm));
    if (gnutls_sign_get_pk_algorithm(algorithm) != GNUTLS_PK_RSA) return der::sequence({oid});
    return der::sequence({oid, der::value(der::Tag::null, {})});
}

Result<Bytes> sign(ByteView content, gnutls_sign_algorithm_t algorithm,
                   gnutls_x509_privkey_t signing_key) {
    gnutls_privkey_t handle = nullptr;
    if (const int rc = gnutls_privkey_init(&handle); rc < 0)
        return gnutls_failure("signing key", rc);
    const tls::AbstractKeyOwner key(handle);
    const auto datum = tls::datum_of(content);
    tls::GnutlsDatum signature;
    int rc = gnutls_privkey_import_x509(key.get(), signing_key, 0);
    if (rc >= 0) rc = gnutls_privkey_sign_data2(key.get(), algorithm, 0, &datum, signature.out());
    if (rc < 0) return gnutls_failure("signing the CRL", rc);
    return Bytes(signature.view().begin(), signature.view().end());
}

}  // namespace

Result<Bytes> build_crl(const CrlSpec& spec, const Signer& signer) {
    const auto digest = signature_digest(signer.key);
    if (!digest) return digest.error();
    const auto algorithm = gnutls_pk_to_sign(
        static_cast<gnutls_pk_algorithm_t>(gnutls_x509_privkey_get_pk_algorithm(signer.key)),
        *digest);
    if (!gnutls_sign_get_oid(algorithm))
        return internal_error("the CA's key has no signature algorithm for CRLs");
    tls::GnutlsDatum name;
    if (const int rc = gnutls_x509_crt_get_raw_dn(signer.certificate, name.out()); rc < 0)
        return gnutls_failure("name of the CA", rc);
    const auto key_identifier = authority_key_identifier(signer.certificate);
    if (!key_identifier) return key_identifier.error();

    const auto number = extension(kCrlNumber, der::integer(spec.number));
    const auto extensions =
        der::value(der::Tag::context_0, der::sequence({*key_identifier, number}));
    const auto list =
        der::sequence({der::integer(std::uint64_t{1}),  // version 2
                       algorithm_identifier(algorithm), name.view(), der::time(spec.this_update),
                       der::time(spec.next_update), entries(spec.revoked), extensions});
    const auto signature = sign(list, algorithm, signer.key);
    if (!signature) return signature.error();
    return der::sequence({list, algorithm_identifier(algorithm), der::bit_string(*signature)});
}

}  // namespace postern::cli
