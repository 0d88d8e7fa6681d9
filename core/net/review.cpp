#include "core/net/review.h"

#include <map>
#include <utility>

#include "core/base/clock.h"

namespace postern::net {
namespace {

// Chains asked about in one turn of the loop.
constexpr std::size_t kChainsPerTurn = 32;

constexpr std::uint32_t kReviewFlags =
    POSTERN_CALL_REVIEW | POSTERN_CONN_INBOUND | POSTERN_CONN_TLS;

// The connections of one chain; those without a certificate are one group too.
struct Group {
    tls::ChainRef presented;
    std::vector<std::weak_ptr<Connection>> connections;
};

class Review : public std::enable_shared_from_this<Review> {
public:
    Review(Loop& loop, std::vector<Group> groups, ListenerPolicyRef policy)
        : loop_(loop), groups_(std::move(groups)), policy_(std::move(policy)) {}

    void run() {
        for (std::size_t i = 0; i < kChainsPerTurn && !groups_.empty(); ++i) {
            auto group = std::make_shared<Group>(std::move(groups_.back()));
            groups_.pop_back();
            ask(group);
        }
        if (!groups_.empty()) loop_.defer([self = shared_from_this()] { self->run(); });
    }

private:
    void ask(const std::shared_ptr<Group>& group) {
        if (!group->presented || group->presented->size() == 0) {
            const bool required = policy_->tls && policy_->tls->client_certificate() ==
                                                      config::ClientCertificate::require;
            conclude(
                *group, {},
                required ? refusal(POSTERN_REASON_CERTIFICATE_REQUIRED, "") : plugin::Outcome());
            return;
        }
        const tls::Verification verification =
            policy_->tls->verify_client(group->presented, system_clock().wall_seconds());
        const std::uint32_t bad = verification.flags & ~POSTERN_VERIFY_SKIPPED;
        if (bad != 0) {
            conclude(*group, verification,
                     refusal(tls::reason_of_verification(bad), verification.detail));
            return;
        }
        auto certificate = std::make_shared<plugin::PeerCertificate>();
        certificate->verify_flags = verification.flags;
        certificate->presented = group->presented;
        certificate->verified = verification.verified;
        auto self = shared_from_this();
        auto outcome =
            plugin::review(policy_->pipeline, loop_, kReviewFlags, std::move(certificate),
                           [self, group, verification](plugin::Outcome answer) {
                               self->conclude(*group, verification, std::move(answer));
                           });
        if (outcome) conclude(*group, verification, std::move(*outcome));
    }

    void conclude(Group& group, const tls::Verification& verification, plugin::Outcome outcome) {
        if (outcome.allowed && group.presented && group.presented->size() > 0 &&
            policy_->tls->trust() == config::Trust::pin && !outcome.pinned) {
            outcome = refusal(POSTERN_REASON_NOT_PINNED, "no pinning plugin vouches for it");
        }
        for (const auto& weak : group.connections) {
            const auto connection = weak.lock();
            if (!connection || !connection->admitted()) continue;
            // Late: a newer generation has asked, or asks, about it again.
            if (!connection->concerned_by(policy_)) continue;
            if (!outcome.allowed) {
                connection->cut(outcome.reason, outcome.plugin.empty()
                                                    ? outcome.detail
                                                    : outcome.plugin + ": " + outcome.detail);
            } else if (connection->policy()->pipeline != policy_->pipeline) {
                connection->adopt(policy_, verification, outcome.answers);
            } else {
                connection->release();
            }
        }
    }

    static plugin::Outcome refusal(Reason reason, std::string detail) {
        plugin::Outcome outcome;
        outcome.allowed = false;
        outcome.reason = reason;
        outcome.detail = std::move(detail);
        return outcome;
    }

    Loop& loop_;
    std::vector<Group> groups_;
    ListenerPolicyRef policy_;
};

}  // namespace

void review_connections(Loop& loop, std::vector<std::weak_ptr<Connection>> connections,
                        ListenerPolicyRef policy) {
    std::map<Digest256, Group> by_chain;
    for (auto& weak : connections) {
        const auto connection = weak.lock();
        if (!connection || !connection->admitted()) continue;
        if (connection->uses_tls() != (policy->tls != nullptr)) {
            connection->cut(POSTERN_REASON_SHUTDOWN,
                            "the listener changed between TLS and plain HTTP");
            continue;
        }
        const tls::ChainRef& presented = connection->presented();
        Group& group = by_chain[presented ? presented->digest() : Digest256{}];
        group.presented = presented;
        group.connections.push_back(std::move(weak));
    }
    std::vector<Group> groups;
    groups.reserve(by_chain.size());
    for (auto& [digest, group] : by_chain) groups.push_back(std::move(group));
    std::make_shared<Review>(loop, std::move(groups), std::move(policy))->run();
}

}  // namespace postern::net
