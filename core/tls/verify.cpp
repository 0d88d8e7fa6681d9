#include "core/tls/verify.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "core/base/file.h"
#include "core/tls/digest.h"
#include "core/tls/gnutls_handle.h"
#include "core/tls/path_rules.h"
#include "core/tls/presented.h"
#include "core/tls/system_certificates.h"
#include "core/tls/verified_cache.h"
#include "postern/call.h"

namespace postern::tls {
namespace {

constexpr std::uint64_t kMaxAnchorFile = 16 * 1024 * 1024;
// GNUTLS_PROFILE_TO_VFLAGS, whose cast is C's. Without a profile GnuTLS takes RSA keys of 1024
// bits.
constexpr unsigned kMediumProfile = unsigned{GNUTLS_PROFILE_MEDIUM} << 24;
constexpr std::string_view kNameConstraints = "2.5.29.30";

Result<CertificateOwner> import(const Certificate& certificate) {
    gnutls_x509_crt_t handle = nullptr;
    if (gnutls_x509_crt_init(&handle) < 0) return internal_error("out of memory");
    CertificateOwner owner(handle);
    const gnutls_datum_t der = datum_of(certificate.der);
    if (const int status = gnutls_x509_crt_import(handle, &der, GNUTLS_X509_FMT_DER); status < 0)
        return configuration_error(gnutls_strerror(status));
    return owner;
}

// The steps that GnuTLS takes while it verifies, from the anchor down: which certificate was found
// under which issuer. GnuTLS gives the callback no pointer of ours, but calls it on this thread.
struct Step {
    gnutls_x509_crt_t certificate;
    gnutls_x509_crt_t issuer;
};
thread_local std::vector<Step>* steps_of_this_call = nullptr;

extern "C" int record_step(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer,
                           gnutls_x509_crl_t, unsigned) {
    try {
        steps_of_this_call->push_back({certificate, issuer});
    } catch (...) {
        return -1;  // no step, no path: refused
    }
    return 0;
}

bool has_name_constraints(const Chain& chain) {
    for (const Certificate& certificate : chain.certificates())
        for (const Extension& extension : certificate.extensions)
            if (extension.oid == kNameConstraints) return true;
    return false;
}

struct StatusRow {
    unsigned status;
    std::uint32_t flags;
};
constexpr StatusRow kStatus[] = {
    {GNUTLS_CERT_SIGNER_NOT_FOUND, POSTERN_VERIFY_UNKNOWN_AUTHORITY},
    {GNUTLS_CERT_SIGNER_NOT_CA, POSTERN_VERIFY_ISSUER_NOT_A_CA},
    {GNUTLS_CERT_INSECURE_ALGORITHM, POSTERN_VERIFY_INSECURE_ALGORITHM},
    {GNUTLS_CERT_SIGNATURE_FAILURE, POSTERN_VERIFY_BAD_SIGNATURE},
    {GNUTLS_CERT_PURPOSE_MISMATCH, POSTERN_VERIFY_WRONG_PURPOSE},
    {GNUTLS_CERT_EXPIRED, POSTERN_VERIFY_EXPIRED},
    {GNUTLS_CERT_NOT_ACTIVATED, POSTERN_VERIFY_NOT_YET_VALID},
    {GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, POSTERN_VERIFY_INVALID},
};

std::uint32_t flags_of_status(unsigned status, const Chain& presented) {
    std::uint32_t flags = 0;
    for (const StatusRow& row : kStatus)
        if ((status & row.status) != 0) flags |= row.flags;
    // GnuTLS says the same of path lengths and of name constraints.
    if ((status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE) != 0)
        flags |= has_name_constraints(presented) ? POSTERN_VERIFY_NAME_CONSTRAINT
                                                 : POSTERN_VERIFY_INVALID;
    if (status != 0 && flags == 0) flags = POSTERN_VERIFY_INVALID;
    return flags;
}

std::string text_of_status(unsigned status) {
    GnutlsDatum text;
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, text.out(), 0) < 0)
        return "the chain cannot be verified";
    std::string words(as_text(text.view()));
    while (!words.empty() && (words.back() == ' ' || words.back() == '\0')) words.pop_back();
    return words;
}

void add(Verification& verification, std::uint32_t flags, const std::string& detail) {
    verification.flags |= flags;
    if (detail.empty()) return;
    if (!verification.detail.empty()) verification.detail += "; ";
    verification.detail += detail;
}

Verification refused(std::uint32_t flags, std::string detail) {
    return {flags, std::move(detail), nullptr};
}

}  // namespace

class TrustAnchors::State {
public:
    [[nodiscard]] static Result<std::unique_ptr<State>> create() {
        gnutls_x509_trust_list_t list = nullptr;
        if (gnutls_x509_trust_list_init(&list, 0) < 0) return internal_error("out of memory");
        auto state = std::make_unique<State>();
        state->list.reset(list);
        return state;
    }

    [[nodiscard]] Result<void> add_anchor(const Certificate& certificate) {
        if (anchors.contains(certificate.sha256)) return {};
        auto handle = import(certificate);
        if (!handle) return handle.error();
        gnutls_x509_crt_t raw = handle->get();
        if (gnutls_x509_trust_list_add_cas(list.get(), &raw, 1, 0) != 1)
            return internal_error("GnuTLS does not take it as a trust anchor");
        (void)handle->release();  // the list's now
        anchors.emplace(certificate.sha256, certificate);
        return {};
    }

    // Presented certificates from the leaf up to where GnuTLS found the anchor, and the anchor;
    // null if the steps make no path.
    [[nodiscard]] ChainRef path(const Chain& presented,
                                const std::vector<CertificateOwner>& handles,
                                const std::vector<Step>& steps) const {
        const Certificate& leaf = presented.leaf();
        if (anchors.contains(leaf.sha256)) return Chain::from_certificates({leaf});

        std::vector<Certificate> path;
        for (std::size_t i = 0; i < handles.size(); ++i) {
            const auto step = std::find_if(steps.begin(), steps.end(), [&](const Step& candidate) {
                return candidate.certificate == handles[i].get();
            });
            if (step == steps.end() || step->issuer == nullptr) return nullptr;
            path.push_back(presented.certificates()[i]);
            if (i + 1 < handles.size() && step->issuer == handles[i + 1].get()) continue;
            const Certificate* anchor = find_anchor(step->issuer);
            if (anchor == nullptr) return nullptr;
            path.push_back(*anchor);
            return Chain::from_certificates(std::move(path));
        }
        return nullptr;
    }

    TrustListOwner list;
    std::unordered_map<Digest256, Certificate, DigestHash> anchors;
    Digest256 digest{};
    VerifiedCache cache;

private:
    [[nodiscard]] const Certificate* find_anchor(gnutls_x509_crt_t handle) const {
        GnutlsDatum der;
        if (gnutls_x509_crt_export2(handle, GNUTLS_X509_FMT_DER, der.out()) < 0) return nullptr;
        const auto found = anchors.find(sha256(der.view()));
        return found == anchors.end() ? nullptr : &found->second;
    }
};

TrustAnchors::TrustAnchors(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrustAnchors::~TrustAnchors() = default;

Result<std::shared_ptr<const TrustAnchors>> TrustAnchors::from_files(
    const std::vector<std::string>& paths) {
    auto state = State::create();
    if (!state) return state.error();
    for (const std::string& path : paths) {
        const auto content = read_file(path, kMaxAnchorFile);
        if (!content) return content.error();
        const auto chain = import_certificates(*content, path);
        if (!chain) return chain.error();
        for (const Certificate& certificate : (*chain)->certificates())
            if (const auto added = (*state)->add_anchor(certificate); !added)
                return Error{added.error().fault, path + ": \"" + certificate.subject_text +
                                                      "\": " + added.error().message};
    }

    return finish(std::move(*state));
}

Result<std::shared_ptr<const TrustAnchors>> TrustAnchors::of_system() {
    auto state = State::create();
    if (!state) return state.error();
    const auto certificates = system_certificates();
    if (!certificates) return certificates.error();
    for (const Certificate& certificate : *certificates)
        if (const auto added = (*state)->add_anchor(certificate); !added) return added.error();
    return finish(std::move(*state));
}

std::shared_ptr<const TrustAnchors> TrustAnchors::finish(std::unique_ptr<State> state) {
    // Sorted: the same set under another order or in other files is the same trust.
    std::vector<Digest256> digests;
    for (const auto& [digest, certificate] : state->anchors) digests.push_back(digest);
    std::sort(digests.begin(), digests.end());
    PartsDigest all;
    for (const Digest256& digest : digests) all.add(digest);
    state->digest = all.finish();
    return std::shared_ptr<const TrustAnchors>(new TrustAnchors(std::move(state)));
}

Verification TrustAnchors::verify(const ChainRef& presented, Purpose purpose,
                                  std::int64_t now) const {
    if (presented == nullptr || presented->size() == 0)
        return refused(POSTERN_VERIFY_INVALID, "no certificate was presented");
    if (presented->size() > kMaxPresented)
        return refused(POSTERN_VERIFY_CHAIN_TOO_LONG, "more than 16 certificates were presented");

    Verification result;
    if (ChainRef known = state_->cache.find(*presented, purpose, now)) {
        result.flags = check_validity(*known, now, result.detail);
        if (result.flags == 0) result.verified = std::move(known);
        return result;
    }

    std::vector<CertificateOwner> handles;
    std::vector<gnutls_x509_crt_t> raw;
    for (const Certificate& certificate : presented->certificates()) {
        // The path ends at the first anchor, also where the peer sent more. GnuTLS by itself finds
        // one that is not self-signed only if it was not sent.
        if (!handles.empty() && state_->anchors.contains(certificate.sha256)) break;
        auto handle = import(certificate);
        if (!handle) return refused(POSTERN_VERIFY_INVALID, handle.error().message);
        raw.push_back(handle->get());
        handles.push_back(std::move(*handle));
    }

    // Validity is judged below, by the caller's clock. GnuTLS may reorder and cut `raw`.
    const unsigned flags = kMediumProfile | GNUTLS_VERIFY_DISABLE_TIME_CHECKS;
    std::string oid(purpose == Purpose::client_authentication ? GNUTLS_KP_TLS_WWW_CLIENT
                                                              : GNUTLS_KP_TLS_WWW_SERVER);
    gnutls_typed_vdata_st wanted{GNUTLS_DT_KEY_PURPOSE_OID,
                                 reinterpret_cast<unsigned char*>(oid.data()), 0};
    std::vector<Step> steps;
    steps_of_this_call = &steps;
    unsigned status = 0;
    const int code = gnutls_x509_trust_list_verify_crt2(state_->list.get(), raw.data(),
                                                        static_cast<unsigned>(raw.size()), &wanted,
                                                        1, flags, &status, record_step);
    steps_of_this_call = nullptr;

    if (code < 0) add(result, POSTERN_VERIFY_INVALID, gnutls_strerror(code));
    if (status != 0) add(result, flags_of_status(status, *presented), text_of_status(status));
    std::string detail;
    const ChainRef path = result.flags == 0 ? state_->path(*presented, handles, steps) : nullptr;
    if (result.flags == 0 && path == nullptr)
        add(result, POSTERN_VERIFY_UNKNOWN_AUTHORITY, "no path to a trusted authority");

    result.flags |= check_validity(path != nullptr ? *path : *presented, now, detail);
    result.flags |= check_leaf_purpose(presented->leaf(), purpose, detail);
    if (path != nullptr) result.flags |= check_path(*path, purpose, detail);
    add(result, 0, detail);
    if (result.flags == 0) {
        result.verified = path;
        state_->cache.add(presented, purpose, path, now);
    }
    return result;
}

Verification TrustAnchors::verify_without_chain(const ChainRef& presented, Purpose purpose,
                                                std::int64_t now) {
    if (presented == nullptr || presented->size() == 0)
        return refused(POSTERN_VERIFY_INVALID, "no certificate was presented");
    if (presented->size() > kMaxPresented)
        return refused(POSTERN_VERIFY_CHAIN_TOO_LONG, "more than 16 certificates were presented");

    Verification result;
    const ChainRef leaf = Chain::from_certificates({presented->leaf()});
    result.flags = POSTERN_VERIFY_SKIPPED | check_validity(*leaf, now, result.detail) |
                   check_leaf_purpose(presented->leaf(), purpose, result.detail);
    return result;
}

Verification TrustAnchors::verify(const ChainRef& presented, Purpose purpose, config::Trust trust,
                                  std::int64_t now) const {
    return trust == config::Trust::pin ? verify_without_chain(presented, purpose, now)
                                       : verify(presented, purpose, now);
}

const Digest256& TrustAnchors::digest() const {
    return state_->digest;
}
std::size_t TrustAnchors::size() const {
    return state_->anchors.size();
}

std::vector<Certificate> TrustAnchors::certificates() const {
    std::vector<Certificate> all;
    for (const auto& [digest, certificate] : state_->anchors) all.push_back(certificate);
    return all;
}

}  // namespace postern::tls
