#include "core/plugin/verdict.h"

#include <algorithm>
#include <utility>

#include "core/plugin/adopt.h"
#include "core/plugin/sdk_values.h"

namespace postern::plugin {
namespace {

Resolution decided(config::Answer answer, Reason reason, std::string detail) {
    Resolution resolution;
    resolution.action =
        answer == config::Answer::deny ? POSTERN_ACTION_DENY : POSTERN_ACTION_ABSTAIN;
    resolution.reason = reason;
    resolution.detail = std::move(detail);
    return resolution;
}

Resolution revocation_unknown(const config::PipelineEntry& entry, std::string detail) {
    return decided(entry.failure_mode.value_or(config::Answer::deny),
                   POSTERN_REASON_REVOCATION_UNKNOWN, std::move(detail));
}

bool any_fact(const CopiedVerdict& verdict, std::uint32_t status) {
    return std::any_of(verdict.facts.begin(), verdict.facts.end(),
                       [status](const postern_rev_entry& fact) {
                           return fact.status == status && fact.source != POSTERN_REV_SOURCE_EXEMPT;
                       });
}

// A fact with a status that we do not know is no answer either.
bool any_unknown(const CopiedVerdict& verdict, std::size_t chain_length) {
    return verdict.facts.size() < chain_length ||
           std::any_of(verdict.facts.begin(), verdict.facts.end(),
                       [](const postern_rev_entry& fact) {
                           return fact.source != POSTERN_REV_SOURCE_EXEMPT &&
                                  fact.status != POSTERN_REV_GOOD;
                       });
}

Resolution resolve_revocation(const config::PipelineEntry& entry, CopiedVerdict verdict,
                              Resolution resolution, std::size_t chain_length) {
    resolution.facts = verdict.facts;
    if (resolution.action != POSTERN_ACTION_DENY && any_fact(verdict, POSTERN_REV_REVOKED)) {
        resolution.action = POSTERN_ACTION_DENY;
        resolution.reason = POSTERN_REASON_REVOKED;
    }
    if (resolution.action != POSTERN_ACTION_ABSTAIN || !any_unknown(verdict, chain_length)) {
        return resolution;
    }
    Resolution unknown = revocation_unknown(entry, std::move(resolution.detail));
    unknown.facts = std::move(resolution.facts);
    return unknown;
}

}  // namespace

CopiedVerdict copy_verdict(const postern_verdict* theirs, std::size_t max_facts) {
    CopiedVerdict copy;
    const auto mine = adopt(theirs, POSTERN_THROUGH(postern_verdict, action));
    if (!mine) return copy;
    copy.action = mine->action;
    copy.reason = mine->reason;
    copy.tls_alert = mine->tls_alert;
    copy.delay_ns = mine->delay_ns;
    if (const std::string_view detail = view_of(mine->detail); !detail.empty()) {
        std::size_t size = std::min(detail.size(), kMaxDetail);
        // Not in the middle of a UTF-8 sequence.
        while (size < detail.size() && size > 0 &&
               (static_cast<unsigned char>(detail[size]) & 0xc0) == 0x80) {
            --size;
        }
        copy.detail = detail.substr(0, size);
    }
    if (mine->facts != nullptr && mine->fact_count != 0) {
        copy.facts.assign(mine->facts, mine->facts + std::min(mine->fact_count, max_facts));
    }
    return copy;
}

Resolution resolve(const config::PipelineEntry& entry, AskKind kind, postern_rc rc,
                   CopiedVerdict verdict, std::size_t chain_length) {
    if (rc != POSTERN_OK) {
        return resolve_failure(entry, POSTERN_REASON_PLUGIN_ERROR,
                               "the plugin answered with code " + std::to_string(rc));
    }
    if (verdict.action > POSTERN_ACTION_DELAY) {
        return resolve_failure(
            entry, POSTERN_REASON_PLUGIN_UNKNOWN_ACTION,
            "the plugin answered with the unknown action " + std::to_string(verdict.action));
    }
    Resolution resolution;
    resolution.action = verdict.action;
    resolution.detail = std::move(verdict.detail);
    const bool refuses =
        verdict.action == POSTERN_ACTION_DENY || verdict.action == POSTERN_ACTION_DELAY;
    if (refuses) {
        resolution.reason =
            verdict.reason != POSTERN_REASON_NONE ? verdict.reason : POSTERN_REASON_POLICY;
        // RFC 8446 6: an alert's description is one byte.
        resolution.tls_alert =
            verdict.tls_alert <= 255 ? static_cast<std::uint8_t>(verdict.tls_alert) : 0;
        resolution.delay_ns = verdict.action == POSTERN_ACTION_DELAY ? verdict.delay_ns : 0;
    }
    resolution.taken = kind == AskKind::limiter && !refuses;
    if (kind != AskKind::revocation) return resolution;
    return resolve_revocation(entry, std::move(verdict), std::move(resolution), chain_length);
}

Resolution resolve_timeout(const config::PipelineEntry& entry, AskKind kind) {
    constexpr const char* kDetail = "the plugin did not answer before its time-out";
    Resolution resolution = kind == AskKind::revocation
                                ? revocation_unknown(entry, kDetail)
                                : decided(entry.on_timeout, POSTERN_REASON_PLUGIN_TIMEOUT, kDetail);
    resolution.failed = true;
    return resolution;
}

Resolution resolve_failure(const config::PipelineEntry& entry, Reason reason, std::string detail) {
    Resolution resolution = decided(entry.on_error, reason, std::move(detail));
    resolution.failed = true;
    return resolution;
}

}  // namespace postern::plugin
