#include <algorithm>
#include <limits>
#include <utility>

#include "core/net/connection.h"
#include "core/net/connection_turn.h"

// What happens to a connection after it was admitted, when the rules or the time have gone on: it
// goes over to another generation, is held while a verdict is open, and ends with its certificate.
namespace postern::net {
namespace {

// Certificates that live longer than any process are not timed.
constexpr std::int64_t kFarSeconds = 10LL * 366 * 24 * 3600;
constexpr std::uint64_t kExpiryGraceSeconds = 60;
// A connection that is not quiet yet is looked at again after this.
constexpr std::uint64_t kQuietPoint = 20'000'000;

}  // namespace

void Connection::adopt(ListenerPolicyRef policy, const tls::Verification& verification,
                       const std::vector<plugin::Answer>& answers) {
    const Turn turn(*this);
    if (state_ != State::open || !concerned_by(policy)) return;
    if (pipeline_->asking()) {
        // What is being asked is answered by the pipeline that was asked; its entries' timeouts
        // bound the wait.
        loop().run_at(loop().now_ns() + kQuietPoint,
                      [weak = weak_from_this(), policy = std::move(policy), verification, answers] {
                          if (const auto self = weak.lock()) {
                              self->adopt(policy, verification, answers);
                          }
                      });
        return;
    }
    auto old = std::move(pipeline_);
    policy_ = std::move(policy);
    if (presented_ && presented_->size() > 0) {
        verified_ = verification.verified ? verification.verified : presented_;
        identity_ = tls::identity_of(*verified_);
        set_expiry();
    }
    plugin::ConnectionPipeline::Facts facts;
    facts.connection = id_;
    facts.peer = peer_;
    facts.local = local_;
    facts.flags = POSTERN_CONN_INBOUND | (tls_ ? POSTERN_CONN_TLS : 0u) |
                  (tls_resumed() ? POSTERN_CONN_RESUMED : 0u) |
                  (verification.verified ? POSTERN_CONN_VERIFIED : 0u);
    pipeline_ = std::make_unique<plugin::ConnectionPipeline>(policy_->pipeline, loop(), facts);
    pipeline_->take_over(answers);
    old->close({POSTERN_REASON_FINISHED, wire_.bytes_in(), wire_.bytes_out(),
                loop().now_ns() - began_ns_});
    http_->rules_changed();

    auto established = std::make_shared<plugin::Established>();
    if (tls_) {
        established->version = tls_->version();
        established->cipher = tls_->cipher();
        established->alpn = tls_->alpn();
    }
    established->sni = sni_;
    established->peer = verified_;
    established->identity = identity_.name;
    hold();
    auto outcome =
        pipeline_->established(std::move(established), [this](const plugin::Outcome& answer) {
            const Turn answer_turn(*this);
            established_again(answer);
        });
    if (outcome) established_again(*outcome);
}

void Connection::established_again(const plugin::Outcome& outcome) {
    if (outcome.allowed) {
        release();
    } else {
        cut(outcome.reason, outcome.plugin + ": " + outcome.detail);
    }
}

void Connection::hold() {
    held_ = true;
}

void Connection::release() {
    if (!held_) return;
    held_ = false;
    later([this] {
        if (state_ != State::open) return;
        http_->resume(loop().now_ns());
        read_input();
    });
}

// [live] on_expiry = "cut": with the default expiry_grace, which is the one that is served.
void Connection::set_expiry() {
    expires_ns_ = 0;
    if (!verified_) return;
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    for (const tls::Certificate& certificate : verified_->certificates()) {
        last = std::min(last, certificate.not_after);
    }
    const std::int64_t left = last - wall_seconds();
    if (left > kFarSeconds) return;
    const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
    expires_ns_ = loop().now_ns() + (seconds + kExpiryGraceSeconds) * 1'000'000'000;
}

}  // namespace postern::net
