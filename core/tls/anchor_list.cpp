#include "core/tls/anchor_list.h"

#include <algorithm>

namespace postern::tls {
namespace {

// GNUTLS_PROFILE_TO_VFLAGS, whose cast is C's. Without a profile GnuTLS takes RSA keys of 1024
// bits.
constexpr unsigned kMediumProfile = unsigned{GNUTLS_PROFILE_MEDIUM} << 24;

Result<CertificateOwner> import(const Certificate& certificate) {
    gnutls_x509_crt_t handle = nullptr;
    if (gnutls_x509_crt_init(&handle) < 0) return internal_error("out of memory");
    CertificateOwner owner(handle);
    const gnutls_datum_t der = datum_of(certificate.der);
    if (const int status = gnutls_x509_crt_import(handle, &der, GNUTLS_X509_FMT_DER); status < 0)
        return configuration_error(gnutls_strerror(status));
    return owner;
}

}  // namespace

// The steps that GnuTLS takes while it verifies, from the anchor down: which certificate was found
// under which issuer. GnuTLS gives the callback no pointer of ours, but calls it on this thread.
thread_local std::vector<AnchorList::Step>* AnchorList::steps_of_this_call_ = nullptr;

int AnchorList::record_step(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer,
                            gnutls_x509_crl_t, unsigned) {
    try {
        steps_of_this_call_->push_back({certificate, issuer});
    } catch (...) {
        return -1;  // no step, no path: refused
    }
    return 0;
}

Result<std::unique_ptr<AnchorList>> AnchorList::create() {
    gnutls_x509_trust_list_t list = nullptr;
    if (gnutls_x509_trust_list_init(&list, 0) < 0) return internal_error("out of memory");
    auto anchors = std::make_unique<AnchorList>();
    anchors->list_.reset(list);
    return anchors;
}

Result<void> AnchorList::add(const Certificate& certificate) {
    if (anchors_.contains(certificate.sha256)) return {};
    auto handle = import(certificate);
    if (!handle) return handle.error();
    gnutls_x509_crt_t raw = handle->get();
    if (gnutls_x509_trust_list_add_cas(list_.get(), &raw, 1, 0) != 1)
        return internal_error("GnuTLS does not take it as a trust anchor");
    (void)handle->release();  // the list's now
    anchors_.emplace(certificate.sha256, certificate);
    subjects_.emplace(as_text(certificate.subject));
    return {};
}

AnchorList::Check AnchorList::check(const Chain& way, Purpose purpose) const {
    Check result;
    std::vector<CertificateOwner> handles;
    std::vector<gnutls_x509_crt_t> raw;
    for (const Certificate& certificate : way.certificates()) {
        // The path ends at the first anchor, also where the peer sent more. GnuTLS by itself finds
        // one that is not self-signed only if it was not sent.
        if (!handles.empty() && anchors_.contains(certificate.sha256)) break;
        auto handle = import(certificate);
        if (!handle) {
            result.code = GNUTLS_E_ASN1_DER_ERROR;
            return result;
        }
        raw.push_back(handle->get());
        handles.push_back(std::move(*handle));
    }

    // Validity is judged by the caller's clock. GnuTLS may reorder and cut `raw`.
    const unsigned flags = kMediumProfile | GNUTLS_VERIFY_DISABLE_TIME_CHECKS;
    std::string oid(purpose == Purpose::client_authentication ? GNUTLS_KP_TLS_WWW_CLIENT
                                                              : GNUTLS_KP_TLS_WWW_SERVER);
    gnutls_typed_vdata_st wanted{GNUTLS_DT_KEY_PURPOSE_OID,
                                 reinterpret_cast<unsigned char*>(oid.data()), 0};
    std::vector<Step> steps;
    steps_of_this_call_ = &steps;
    result.code = gnutls_x509_trust_list_verify_crt2(list_.get(), raw.data(),
                                                     static_cast<unsigned>(raw.size()), &wanted, 1,
                                                     flags, &result.status, record_step);
    steps_of_this_call_ = nullptr;
    if (result.code >= 0 && result.status == 0) result.path = path(way, handles, steps);
    return result;
}

// Certificates of the way from the leaf up to where GnuTLS found the anchor, and the anchor; null
// if the steps make no path.
ChainRef AnchorList::path(const Chain& way, const std::vector<CertificateOwner>& handles,
                          const std::vector<Step>& steps) const {
    const Certificate& leaf = way.leaf();
    if (anchors_.contains(leaf.sha256)) return Chain::from_certificates({leaf});

    std::vector<Certificate> path;
    for (std::size_t i = 0; i < handles.size(); ++i) {
        const auto step = std::find_if(steps.begin(), steps.end(), [&](const Step& candidate) {
            return candidate.certificate == handles[i].get();
        });
        if (step == steps.end() || step->issuer == nullptr) return nullptr;
        path.push_back(way.certificates()[i]);
        if (i + 1 < handles.size() && step->issuer == handles[i + 1].get()) continue;
        const Certificate* anchor = find_anchor(step->issuer);
        if (anchor == nullptr) return nullptr;
        path.push_back(*anchor);
        return Chain::from_certificates(std::move(path));
    }
    return nullptr;
}

const Certificate* AnchorList::find_anchor(gnutls_x509_crt_t handle) const {
    GnutlsDatum der;
    if (gnutls_x509_crt_export2(handle, GNUTLS_X509_FMT_DER, der.out()) < 0) return nullptr;
    const auto found = anchors_.find(sha256(der.view()));
    return found == anchors_.end() ? nullptr : &found->second;
}

}  // namespace postern::tls
