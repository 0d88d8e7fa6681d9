#include "core/tls/verify.h"

#include <algorithm>

#include "core/base/file.h"
#include "core/tls/anchor_list.h"
#include "core/tls/digest.h"
#include "core/tls/gnutls_handle.h"
#include "core/tls/name_constraints.h"
#include "core/tls/path_rules.h"
#include "core/tls/path_search.h"
#include "core/tls/presented.h"
#include "core/tls/system_certificates.h"
#include "core/tls/verification_detail.h"
#include "core/tls/verified_cache.h"
#include "postern/call.h"

namespace postern::tls {
namespace {

constexpr std::uint64_t kMaxAnchorFile = 16 * 1024 * 1024;
constexpr std::string_view kNameConstraints = "2.5.29.30";

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
        auto anchors = AnchorList::create();
        if (!anchors) return std::move(anchors).error();
        auto state = std::make_unique<State>();
        state->anchors = std::move(*anchors);
        return state;
    }

    // One way from the leaf up, as it stands, by every rule but what the leaf alone decides.
    [[nodiscard]] Verification judge(const Chain& way, Purpose purpose, std::int64_t now) const {
        Verification result;
        const AnchorList::Check check = anchors->check(way, purpose);
        if (check.code < 0) add(result, POSTERN_VERIFY_INVALID, gnutls_strerror(check.code));
        if (check.status != 0) {
            const std::uint32_t flags = flags_of_status(check.status, way);
            add(result, flags, detail_of(flags, way, text_of_status(check.status)));
        }
        if (result.flags == 0 && check.path == nullptr)
            add(result, POSTERN_VERIFY_UNKNOWN_AUTHORITY, "no path to a trusted authority");
        const ChainRef path = result.flags == 0 ? check.path : nullptr;
        std::string detail;
        result.flags |= check_validity(path != nullptr ? *path : way, now, detail);
        if (path != nullptr) result.flags |= check_path(*path, purpose, detail);
        add(result, 0, detail);
        if (path != nullptr)
            if (const auto named = check_name_constraints(*path); !named)
                add(result, POSTERN_VERIFY_NAME_CONSTRAINT, named.error().message);
        if (result.flags == 0) result.verified = path;
        return result;
    }

    std::unique_ptr<AnchorList> anchors;
    Digest256 digest{};
    VerifiedCache cache;
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
            if (const auto added = (*state)->anchors->add(certificate); !added)
                return Error{added.error().fault, path + ": \"" + certificate.subject_text +
                                                      "\": " + added.error().message};
    }

    return finish(std::move(*state));
}

Result<std::shared_ptr<const TrustAnchors>> TrustAnchors::of(const Chain& certificates) {
    auto state = State::create();
    if (!state) return state.error();
    for (const Certificate& certificate : certificates.certificates())
        if (const auto added = (*state)->anchors->add(certificate); !added) return added.error();
    return finish(std::move(*state));
}

Result<std::shared_ptr<const TrustAnchors>> TrustAnchors::of_system() {
    auto state = State::create();
    if (!state) return state.error();
    const auto certificates = system_certificates();
    if (!certificates) return certificates.error();
    for (const Certificate& certificate : *certificates)
        if (const auto added = (*state)->anchors->add(certificate); !added) return added.error();
    return finish(std::move(*state));
}

std::shared_ptr<const TrustAnchors> TrustAnchors::finish(std::unique_ptr<State> state) {
    // Sorted: the same set under another order or in other files is the same trust.
    std::vector<Digest256> digests;
    for (const auto& [digest, certificate] : state->anchors->certificates())
        digests.push_back(digest);
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

    if (const auto few = check_constraints_presented(*presented); !few)
        return refused(POSTERN_VERIFY_NAME_CONSTRAINT, few.error().message);

    result = state_->judge(*presented, purpose, now);
    std::string detail;
    const std::uint32_t leaf_flags = check_leaf_purpose(presented->leaf(), purpose, detail);
    // Another way up mends nothing that is wrong with the leaf.
    if (result.flags != 0 && leaf_flags == 0 && presented->size() > 1)
        judge_other_ways(*presented, purpose, now, result);
    // What is said of the leaf says it better than GnuTLS, which names no certificate.
    if (result.flags == leaf_flags) result.detail.clear();
    result.flags |= leaf_flags;
    add(result, 0, detail);
    if (result.flags != 0) {
        result.verified = nullptr;
        return result;
    }
    state_->cache.add(presented, purpose, result.verified, now);
    return result;
}

// A failure that got as far as an anchor says more than one that found none.
void TrustAnchors::judge_other_ways(const Chain& presented, Purpose purpose, std::int64_t now,
                                    Verification& result) const {
    search_paths(
        presented,
        [&](const Certificate& certificate) { return state_->anchors->has_issuer_of(certificate); },
        [&](const PathCandidate& candidate) {
            std::vector<Certificate> way;
            for (const std::size_t place : candidate)
                way.push_back(presented.certificates()[place]);
            Verification other =
                state_->judge(*Chain::from_certificates(std::move(way)), purpose, now);
            const bool good = other.flags == 0;
            if (good || ((result.flags & POSTERN_VERIFY_UNKNOWN_AUTHORITY) != 0 &&
                         (other.flags & POSTERN_VERIFY_UNKNOWN_AUTHORITY) == 0))
                result = std::move(other);
            return good ? Offer::taken : Offer::refused;
        });
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
    return state_->anchors->certificates().size();
}

std::vector<Certificate> TrustAnchors::certificates() const {
    std::vector<Certificate> all;
    for (const auto& [digest, certificate] : state_->anchors->certificates())
        all.push_back(certificate);
    return all;
}

}  // namespace postern::tls
