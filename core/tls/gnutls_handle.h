#pragma once

#include <memory>
#include <type_traits>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>

#include "core/base/bytes.h"

// Owners for GnuTLS handles. Included by .cpp files of tls and cli only: no GnuTLS type stands in a
// header that other rooms see.
namespace postern::tls {

template <auto Free>
struct GnutlsFree {
    template <class T>
    void operator()(T* handle) const {
        Free(handle);
    }
};

// `Handle` is GnuTLS's pointer typedef, e.g. gnutls_x509_crt_t.
template <class Handle, auto Free>
using GnutlsOwner = std::unique_ptr<std::remove_pointer_t<Handle>, GnutlsFree<Free>>;

inline void free_trust_list(gnutls_x509_trust_list_t list) {
    gnutls_x509_trust_list_deinit(list, 1);  // 1: the certificates in it too
}
inline void free_hash(gnutls_hash_hd_t hash) {
    gnutls_hash_deinit(hash, nullptr);
}

using SessionOwner = GnutlsOwner<gnutls_session_t, gnutls_deinit>;
using CredentialsOwner =
    GnutlsOwner<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;
using PriorityOwner = GnutlsOwner<gnutls_priority_t, gnutls_priority_deinit>;
using CertificateOwner = GnutlsOwner<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using CertificateRequestOwner = GnutlsOwner<gnutls_x509_crq_t, gnutls_x509_crq_deinit>;
using CrlOwner = GnutlsOwner<gnutls_x509_crl_t, gnutls_x509_crl_deinit>;
using PrivateKeyOwner = GnutlsOwner<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;
using AbstractKeyOwner = GnutlsOwner<gnutls_privkey_t, gnutls_privkey_deinit>;
using PublicKeyOwner = GnutlsOwner<gnutls_pubkey_t, gnutls_pubkey_deinit>;
using TrustListOwner = GnutlsOwner<gnutls_x509_trust_list_t, free_trust_list>;
using Pkcs12Owner = GnutlsOwner<gnutls_pkcs12_t, gnutls_pkcs12_deinit>;
using Pkcs12BagOwner = GnutlsOwner<gnutls_pkcs12_bag_t, gnutls_pkcs12_bag_deinit>;
using HashOwner = GnutlsOwner<gnutls_hash_hd_t, free_hash>;

// A datum that GnuTLS allocated.
class GnutlsDatum {
public:
    GnutlsDatum() = default;
    GnutlsDatum(const GnutlsDatum&) = delete;
    GnutlsDatum& operator=(const GnutlsDatum&) = delete;
    ~GnutlsDatum() { gnutls_free(datum_.data); }

    [[nodiscard]] gnutls_datum_t* out() { return &datum_; }
    [[nodiscard]] ByteView view() const { return {datum_.data, datum_.size}; }

private:
    gnutls_datum_t datum_{nullptr, 0};
};

// A datum over bytes of ours; GnuTLS takes it as non-const but only reads.
[[nodiscard]] inline gnutls_datum_t datum_of(ByteView bytes) {
    return {const_cast<unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

}  // namespace postern::tls
