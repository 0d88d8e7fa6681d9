#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "core/base/result.h"
#include "core/tls/chain.h"
#include "core/tls/digest.h"
#include "core/tls/gnutls_handle.h"
#include "core/tls/verify.h"

namespace postern::tls {

// Trust anchors as GnuTLS keeps them, and what it says of one way up to them. Filled, then
// immutable; any thread.
class AnchorList {
public:
    [[nodiscard]] static Result<std::unique_ptr<AnchorList>> create();
    [[nodiscard]] Result<void> add(const Certificate& certificate);

    struct Check {
        int code = 0;         // of GnuTLS; negative: it could not judge
        unsigned status = 0;  // GNUTLS_CERT_*
        ChainRef path;        // leaf to anchor; null when there is none
    };
    // Signatures, key and signature strength, basic constraints, purpose; not the validity.
    [[nodiscard]] Check check(const Chain& way, Purpose purpose) const;

    // By name alone: a candidate.
    [[nodiscard]] bool has_issuer_of(const Certificate& certificate) const {
        return anchors_.contains(certificate.sha256) ||
               subjects_.contains(std::string(as_text(certificate.issuer)));
    }
    [[nodiscard]] const std::unordered_map<Digest256, Certificate, DigestHash>& certificates()
        const {
        return anchors_;
    }

private:
    struct Step {
        gnutls_x509_crt_t certificate;
        gnutls_x509_crt_t issuer;
    };
    static int record_step(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer,
                           gnutls_x509_crl_t crl, unsigned output);
    static thread_local std::vector<Step>* steps_of_this_call_;
    [[nodiscard]] ChainRef path(const Chain& way, const std::vector<CertificateOwner>& handles,
                                const std::vector<Step>& steps) const;
    [[nodiscard]] const Certificate* find_anchor(gnutls_x509_crt_t handle) const;

    TrustListOwner list_;
    std::unordered_map<Digest256, Certificate, DigestHash> anchors_;
    std::unordered_set<std::string> subjects_;  // DER
};

}  // namespace postern::tls
