#include "core/upstream/http/server_connections.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/base/clock.h"

namespace postern::upstream {
namespace {

using Reference = std::weak_ptr<TlsConnection*>;

constexpr std::uint32_t kReviewFlags = POSTERN_CALL_REVIEW | POSTERN_CONN_TLS;

// Connections to one server that presented one chain.
struct Question {
    std::shared_ptr<const TlsServer> rules;
    tls::ChainRef presented;
    std::vector<Reference> connections;
};

plugin::Outcome refusal(Reason reason, std::string detail) {
    plugin::Outcome outcome;
    outcome.allowed = false;
    outcome.reason = reason;
    outcome.detail = std::move(detail);
    return outcome;
}

void conclude(const Question& question, plugin::Outcome outcome) {
    if (outcome.allowed && question.rules->context->trust() == config::Trust::pin &&
        !outcome.pinned) {
        outcome = refusal(POSTERN_REASON_NOT_PINNED, "no pinning plugin vouches for it");
    }
    if (outcome.allowed) return;
    const std::string detail =
        outcome.plugin.empty() ? outcome.detail : outcome.plugin + ": " + outcome.detail;
    for (const Reference& reference : question.connections) {
        if (const auto connection = reference.lock()) (*connection)->cut(outcome.reason, detail);
    }
}

void ask(net::Loop& loop, const std::shared_ptr<const Question>& question) {
    const TlsServer& rules = *question->rules;
    const tls::Verification verification = rules.context->verify_server(
        question->presented, rules.name, system_clock().wall_seconds());
    if (const std::uint32_t bad = verification.flags & ~POSTERN_VERIFY_SKIPPED; bad != 0) {
        return conclude(*question, refusal(tls::reason_of_verification(bad), verification.detail));
    }
    auto certificate = std::make_shared<plugin::PeerCertificate>();
    certificate->verify_flags = verification.flags;
    certificate->hostname = rules.name.text;
    certificate->presented = question->presented;
    certificate->verified = verification.verified;
    auto outcome = plugin::review(
        rules.pipeline, loop, kReviewFlags, std::move(certificate),
        [question](plugin::Outcome answer) { conclude(*question, std::move(answer)); });
    if (outcome) conclude(*question, std::move(*outcome));
}

void ask_when_open(net::Loop& loop, TlsConnection& connection,
                   std::shared_ptr<const TlsServer> rules) {
    const Reference reference = connection.reference();
    connection.when_open([&loop, reference, rules = std::move(rules)] {
        const auto opened = reference.lock();
        if (!opened || !(*opened)->is_open()) return;
        ask(loop,
            std::make_shared<const Question>(Question{rules, (*opened)->presented(), {reference}}));
    });
}

}  // namespace

void ServerConnections::add(const TlsConnection& connection) {
    if (connections_.size() >= sweep_at_) {
        std::erase_if(connections_, [](const Reference& one) { return one.expired(); });
        sweep_at_ = std::max<std::size_t>(16, 2 * connections_.size());
    }
    connections_.push_back(connection.reference());
}

void ServerConnections::review(net::Loop& loop, const Rules& rules) {
    std::map<std::pair<std::string, Digest256>, Question> questions;
    for (const Reference& reference : connections_) {
        const auto connection = reference.lock();
        if (!connection) continue;
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& server) {
            return server->name.text == (*connection)->server().name.text;
        });
        if (rule == rules.end()) continue;
        if (!(*connection)->is_open()) {
            ask_when_open(loop, **connection, *rule);
            continue;
        }
        const tls::ChainRef presented = (*connection)->presented();
        Question& question = questions[{(*rule)->name.text, presented->digest()}];
        question.rules = *rule;
        question.presented = presented;
        question.connections.push_back(reference);
    }
    for (auto& [key, question] : questions) {
        ask(loop, std::make_shared<const Question>(std::move(question)));
    }
}

}  // namespace postern::upstream
