#include "core/cli/explanation.h"

#include <optional>
#include <utility>

#include "core/tls/client_context.h"
#include "core/tls/names.h"

namespace postern::cli {
namespace {

constexpr std::size_t kPoolThreads = 2;
constexpr std::size_t kMaxPoolTasks = 1024;

PluginAnswer::Said said_of(const plugin::Outcome& outcome) {
    if (!outcome.allowed) return PluginAnswer::Said::deny;
    if (outcome.answers.empty() || outcome.answers.front().phase == 0)
        return PluginAnswer::Said::not_asked;
    return outcome.answers.front().action == POSTERN_ACTION_ALLOW ? PluginAnswer::Said::allow
                                                                  : PluginAnswer::Said::abstain;
}

}  // namespace

std::uint64_t OfflineClock::monotonic_ns() const {
    return system_clock().monotonic_ns();
}

OfflineGate::OfflineGate(std::string plugin_directory, std::string state_directory)
    : pool_(kPoolThreads, kMaxPoolTasks),
      environment_(clock_, pool_, std::move(state_directory)),
      loader_(std::move(plugin_directory)),
      fetcher_(environment_),
      loop_(clock_) {
    clock_.set_wall_seconds(system_clock().wall_seconds());
    environment_.register_service(POSTERN_SERVICE_FETCH, net::Fetcher::table());
}

OfflineGate::~OfflineGate() {
    environment_.settle();
}

Result<OfflineGate::Pipeline> OfflineGate::open(const std::vector<config::PipelineEntry>& entries,
                                                const std::string& name, plugin::Role role) {
    Pipeline pipeline;
    pipeline.gate_ = this;
    pipeline.role_ = role;
    for (const config::PipelineEntry& entry : entries) {
        config::PipelineEntry alone = entry;
        alone.mode = config::Mode::enforce;  // else its reason would only be in the log
        auto built = plugin::Pipeline::build(loader_, environment_, {alone}, name, role);
        if (!built) return std::move(built).error();
        if (auto started = (*built)->start(); !started) return std::move(started).error();
        pipeline.seats_.push_back({entry, std::move(*built)});
    }
    return pipeline;
}

// As Admission does for clients, and ServerAdmission for servers.
Explanation OfflineGate::Pipeline::explain(const Question& question) {
    Explanation out;
    out.presented = question.presented;
    const tls::Verification verification = verify(question);
    for (const Seat& seat : seats_)
        out.answers.push_back({seat.entry.short_name, seat.entry.mode, {}, 0, {}});
    if (const std::uint32_t bad = verification.flags & ~POSTERN_VERIFY_SKIPPED; bad != 0) {
        out.reason = tls::reason_of_verification(bad);
        out.decided_by = "host";
        out.detail = verification.detail;
        return out;
    }
    out.built = verification.verified;
    out.identity = tls::identity_of(out.built ? *out.built : *question.presented);

    auto about = std::make_shared<plugin::PeerCertificate>();
    about->verify_flags = verification.flags;
    about->hostname = question.hostname;
    about->presented = question.presented;
    about->verified = verification.verified;
    out.allowed = true;
    bool pinned = false;
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        const plugin::Outcome outcome = ask(seats_[i], about);
        PluginAnswer& answer = out.answers[i];
        answer.said = said_of(outcome);
        answer.reason = outcome.reason;
        answer.detail = outcome.detail;
        if (answer.mode != config::Mode::enforce) continue;
        pinned = pinned || outcome.pinned;
        if (outcome.allowed || !out.allowed) continue;
        out.allowed = false;
        out.reason = outcome.reason;
        out.decided_by = answer.plugin;
        out.detail = outcome.detail;
    }
    if (out.allowed && question.trust == config::Trust::pin && !pinned) {
        out.allowed = false;
        out.reason = POSTERN_REASON_NOT_PINNED;
        out.decided_by = "host";
        out.detail = "no pinning plugin vouches for it";
    }
    return out;
}

tls::Verification OfflineGate::Pipeline::verify(const Question& question) const {
    const bool client = role_ == plugin::Role::client;
    tls::Verification result = question.anchors->verify(
        question.presented,
        client ? tls::Purpose::server_authentication : tls::Purpose::client_authentication,
        question.trust, gate_->clock_.wall_seconds());
    if (!client || question.hostname.empty()) return result;
    const auto name = tls::parse_server_name(question.hostname);
    if (name) return tls::hold_to_name(std::move(result), question.presented, *name);
    result.flags |= POSTERN_VERIFY_NAME_MISMATCH;
    result.detail = name.error().message;
    return result;
}

plugin::Outcome OfflineGate::Pipeline::ask(const Seat& seat,
                                           std::shared_ptr<const plugin::PeerCertificate> about) {
    const std::uint32_t flags = POSTERN_CALL_DRY_RUN | POSTERN_CALL_REVIEW | POSTERN_CONN_TLS |
                                (role_ == plugin::Role::server ? POSTERN_CONN_INBOUND : 0u);
    auto answer = std::make_shared<std::optional<plugin::Outcome>>();
    auto at_once =
        plugin::review(seat.plugin, gate_->loop_, flags, std::move(about),
                       [answer](plugin::Outcome outcome) { *answer = std::move(outcome); });
    if (at_once) return std::move(*at_once);
    gate_->loop_.run_until([&] { return answer->has_value(); });
    return std::move(**answer);
}

}  // namespace postern::cli
