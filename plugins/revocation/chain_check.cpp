// SPDX-License-Identifier: Apache-2.0
#include "chain_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "text.h"

namespace postern::revocation {
namespace {

postern_rev_entry exempt_entry() {
    postern_rev_entry entry{};
    entry.status = POSTERN_REV_GOOD;
    entry.source = POSTERN_REV_SOURCE_EXEMPT;
    return entry;
}

postern_rev_entry crl_entry(const Crl& crl, std::uint32_t status, Age age) {
    postern_rev_entry entry{};
    entry.status = status;
    entry.source = POSTERN_REV_SOURCE_CRL;
    entry.flags = age == Age::Stale || age == Age::Expired ? POSTERN_REV_FLAG_STALE : 0u;
    entry.this_update = crl.facts().this_update;
    entry.next_update = crl.facts().next_update;
    return entry;
}

bool may_sign_crls(const sdk::Certificate& issuer) {
    const std::int64_t usage = issuer.number(POSTERN_X_KEY_USAGE).value_or(0);
    return usage == -1 || (usage & POSTERN_KEY_USAGE_CRL_SIGN) != 0;
}

bool in_scope(const CrlScope& scope, const sdk::Certificate& certificate) {
    const bool authority = certificate.number(POSTERN_X_IS_CA) == 1;
    if (scope.holders == Holders::EndEntities && authority) return false;
    if (scope.holders == Holders::Authorities && !authority) return false;
    if (scope.distribution_points.empty()) return true;
    const auto& points = scope.distribution_points;
    for (std::size_t i = 0; i < certificate.name_count(POSTERN_X_CRL_URI); ++i) {
        const auto uri = certificate.name(POSTERN_X_CRL_URI, i).characters();
        if (std::find(points.begin(), points.end(), uri) != points.end()) return true;
    }
    return false;
}

std::string which(const sdk::Certificate& certificate) {
    return "serial " + sdk::hex(certificate.serial()) + " of " +
           std::string(certificate.subject_text());
}

std::string source(const Crl& crl) {
    return "CRL " + crl.path() + " of " + name_text(Bytes(crl.facts().issuer));
}

}  // namespace

ChainCheck::ChainCheck(const Settings& settings, const CrlSet& crls, std::int64_t now,
                       SignatureOf signature_of)
    : settings_(settings), crls_(crls), now_(now), signature_of_(std::move(signature_of)) {}

std::optional<sdk::Verdict> ChainCheck::run(const sdk::Chain& chain, Path path) const {
    std::vector<postern_rev_entry> facts;
    std::string revoked;
    std::string unknown;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        std::optional<Finding> finding = judge(chain, i, path);
        if (!finding) return std::nullopt;
        facts.push_back(finding->entry);
        if (finding->entry.status == POSTERN_REV_REVOKED && revoked.empty()) {
            revoked = std::move(finding->detail);
        } else if (finding->entry.status == POSTERN_REV_UNKNOWN && unknown.empty()) {
            unknown = std::move(finding->detail);
        }
    }
    if (!revoked.empty()) {
        return sdk::Verdict::deny(POSTERN_REASON_REVOKED, std::move(revoked))
            .facts(std::move(facts));
    }
    if (!unknown.empty()) {
        return sdk::Verdict::abstain().detail(std::move(unknown)).facts(std::move(facts));
    }
    return sdk::Verdict::allow().facts(std::move(facts));
}

std::optional<ChainCheck::Finding> ChainCheck::judge(const sdk::Chain& chain, std::size_t index,
                                                     Path path) const {
    if (exempt(chain, index, path)) return Finding{exempt_entry(), ""};
    const sdk::Certificate certificate = chain[index];
    const sdk::Certificate issuer = chain[index + 1];
    if (index + 1 == chain.size() || issuer.subject() != certificate.issuer()) {
        return Finding{{}, which(certificate) + ": its issuer's certificate is not in the chain"};
    }
    return judge_by_crls(certificate, issuer);
}

std::optional<ChainCheck::Finding> ChainCheck::judge_by_crls(const sdk::Certificate& certificate,
                                                             const sdk::Certificate& issuer) const {
    const auto& lines = crls_.of_issuer(certificate.issuer());
    if (lines.empty()) {
        return Finding{{},
                       which(certificate) + ": no CRL of its issuer " +
                           std::string(certificate.issuer_text())};
    }
    if (!may_sign_crls(issuer)) {
        return Finding{{},
                       which(certificate) + ": its issuer " +
                           std::string(certificate.issuer_text()) +
                           " may not sign CRLs by its keyUsage"};
    }
    // One line may be good while another, of other certificates or keys, cannot be used; but a
    // serial that stands in any of them is revoked.
    std::optional<Finding> good;
    std::optional<Finding> unknown;
    for (const CrlSet::Line& line : lines) {
        std::optional<Finding> finding = judge_by_line(line, certificate, issuer);
        if (!finding || finding->entry.status == POSTERN_REV_REVOKED) return finding;
        auto& kept = finding->entry.status == POSTERN_REV_GOOD ? good : unknown;
        // A fresh one rather than a stale one.
        if (!kept || (kept->entry.flags & POSTERN_REV_FLAG_STALE) != 0) kept = std::move(finding);
    }
    return good ? good : unknown;
}

std::optional<ChainCheck::Finding> ChainCheck::judge_by_line(const CrlSet::Line& line,
                                                             const sdk::Certificate& certificate,
                                                             const sdk::Certificate& issuer) const {
    Finding unknown{};
    const auto note = [&](const Crl& crl, const std::string& why) {
        if (unknown.detail.empty()) {
            unknown.detail = which(certificate) + ": " + source(crl) + " " + why;
        }
    };
    for (const CrlRef& crl : line) {
        const CrlFacts& facts = crl->facts();
        const Bytes key_id = issuer.field(POSTERN_X_SUBJECT_KEY_ID);
        if (!facts.authority_key_id.empty() && !key_id.empty() &&
            Bytes(facts.authority_key_id) != key_id) {
            note(*crl, "is of another key of that name");
            continue;
        }
        const std::optional<Signature> signature = signature_of_(*crl, issuer);
        if (!signature) return std::nullopt;
        if (*signature == Signature::Bad) {
            note(*crl, "is not signed by its issuer's key with an accepted algorithm");
            continue;
        }
        if (*signature == Signature::Unreadable) {
            note(*crl, "changed on disk before its signature was checked");
            continue;
        }
        const Age age = age_of(facts, now_, settings_.max_stale);
        if (const auto found = crl->index().find(certificate.serial())) {
            Finding finding{crl_entry(*crl, POSTERN_REV_REVOKED, age), ""};
            finding.entry.crl_reason = found->reason;
            finding.entry.revoked_at = found->revoked_at;
            finding.detail = which(certificate) + " revoked on " + time_text(found->revoked_at) +
                             " (" + reason_text(found->reason) + ") by " + source(*crl);
            return finding;
        }
        if (age == Age::NotYetValid) {
            note(*crl, "is not valid before " + time_text(facts.this_update));
            continue;
        }
        if (age == Age::Expired) {
            note(*crl, "is stale since " + time_text(facts.next_update));
        } else if (!in_scope(facts.scope, certificate)) {
            note(*crl, "does not speak of such certificates");
        } else {
            return Finding{crl_entry(*crl, POSTERN_REV_GOOD, age), ""};
        }
        // The newest that can be used decides; an older one could only be worse.
        break;
    }
    return unknown;
}

bool ChainCheck::exempt(const sdk::Chain& chain, std::size_t index, Path path) const {
    const sdk::Certificate certificate = chain[index];
    const bool last = index + 1 == chain.size();
    if (path == Path::Verified && last) return true;
    // Under trust = "pin" a self-issued certificate has no issuer that could revoke it.
    if (path == Path::Presented && (last || index == 0) &&
        certificate.subject() == certificate.issuer()) {
        return true;
    }
    if (settings_.exempt_validity == 0) return false;
    const auto from = certificate.number(POSTERN_X_NOT_BEFORE);
    const auto to = certificate.number(POSTERN_X_NOT_AFTER);
    return from && to && *to - *from <= settings_.exempt_validity;
}

sdk::Verdict exempt_all(const sdk::Chain& chain) {
    return sdk::Verdict::allow().facts(
        std::vector<postern_rev_entry>(chain.size(), exempt_entry()));
}

}  // namespace postern::revocation
