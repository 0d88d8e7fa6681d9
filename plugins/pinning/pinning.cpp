#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "keeper.h"
#include "peer.h"
#include "peer_name.h"
#include "pin.h"
#include "postern/plugin.hpp"
#include "settings.h"

namespace postern::pinning {

namespace {

constexpr std::chrono::seconds kRefreshPeriod(2);

// The hooks; what they answer from is the Keeper's.
class Pinning : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.postern.pinning";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "only certificates or public keys that are held here";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services =
        Requires<sdk::Config, sdk::X509, sdk::Crypto, sdk::Clock, sdk::Executor, sdk::Store>;

    explicit Pinning(Host host)
        : Plugin(host), x509_(host), crypto_(host), clock_(host), executor_(host), keeper_(host) {}

    void configure(Config& config) {
        const Settings settings = read_settings(config);
        match_ = settings.match;
        first_use_ = settings.first_use;
        keeper_.configure(config, settings);
    }

    void start() {
        keeper_.say_what_is_held();
        timer_ = executor_.after(kRefreshPeriod, kRefreshPeriod, [this] { keeper_.refresh(); });
    }

    void drain() { timer_.stop(); }

    void policy_digest(Digest& digest) const {
        const auto known = keeper_.known();
        const std::int64_t now = clock_.wall_seconds();
        digest.add("match", std::int64_t{match_ == Match::certificate ? 1 : 0});
        digest.add("first_use", static_cast<std::int64_t>(first_use_));
        for (const Pin& pin : known->pins.pins()) {
            digest.add(pin.expired(now) ? "expired" : "pin", pin_text(pin));
        }
    }

    Verdict evaluate(const Call& call, const postern_peer_cert& cert) const {
        const sdk::Chain presented = x509_.chain(cert.presented);
        // Whether one is required is the host's to say.
        if (presented.empty()) return Verdict::abstain();
        const auto known = keeper_.known();
        const Peer peer = look_at_peer(call, known->pins, presented.leaf(),
                                       x509_.chain(cert.verified), sdk::text(cert.hostname));
        switch (peer.standing(known->pins, clock_.wall_seconds())) {
            case Standing::held:
                return Verdict::allow();
            case Standing::expired:
                return Verdict::deny(POSTERN_REASON_PIN_EXPIRED,
                                     "its pin has expired: " + peer.description());
            case Standing::absent:
                break;
        }
        const bool unchained = (cert.verify_flags & POSTERN_VERIFY_SKIPPED) != 0;
        return evaluate_first_use(call, peer, *known, unchained);
    }

    // Proof of possession is done, which TLS 1.2 gives only after evaluate().
    Verdict on_pinning_established(const Call& call, const postern_session& session) {
        const sdk::Chain chain = x509_.chain(session.peer);
        // A resumed session was let in by evaluate() for a pin that is held.
        if (first_use_ == FirstUse::off || chain.empty() || call.resumed() || call.review() ||
            call.dry_run()) {
            return Verdict::abstain();
        }
        if (!POSTERN_HAS(&session, postern_session, hostname)) {
            return Verdict::deny(POSTERN_REASON_NOT_PINNED,
                                 "this host does not say what first use needs");
        }
        const auto known = keeper_.known();
        const bool unchained = (session.verify_flags & POSTERN_VERIFY_SKIPPED) != 0;
        Peer peer = look_at_peer(call, known->pins, chain.leaf(),
                                 x509_.chain(unchained ? nullptr : session.peer),
                                 sdk::text(session.hostname));
        if (peer.standing(known->pins, clock_.wall_seconds()) == Standing::held) {
            return Verdict::allow();
        }
        const Verdict now = evaluate_first_use(call, peer, *known, unchained);
        if (now.action() != POSTERN_ACTION_ALLOW) return now;
        if ((call.raw().flags & POSTERN_CALL_OBSERVED) != 0) return observed(peer);
        return remember(call, std::move(peer));
    }

private:
    Peer look_at_peer(const Call& call, const PinSet& pins, const sdk::Certificate& leaf,
                      const sdk::Chain& verified, std::string_view hostname) const {
        return Peer(crypto_, pins, leaf, verified, match_,
                    call.inbound() ? name_of_client(leaf) : name_of_server(hostname));
    }

    // Of a peer that no pin holds. ALLOW: it is to be remembered once the session is established.
    Verdict evaluate_first_use(const Call& call, const Peer& peer, const Known& known,
                               bool unchained) const {
        const auto not_pinned = [&peer](const std::string& why) {
            return Verdict::deny(POSTERN_REASON_NOT_PINNED, why + peer.description());
        };
        // Who came in at a first use has a pin ever since, or it was taken away.
        if (first_use_ == FirstUse::off || call.resumed() || call.review()) return not_pinned("");
        if (peer.name().empty()) return not_pinned("it has no name to pin it for: ");
        if (first_use_ == FirstUse::approve) {
            if (known.pending.standing(peer.pin().subject, peer.pin().algorithm,
                                       sdk::Bytes(peer.pin().digest), peer.name(),
                                       0) != Standing::absent) {
                return Verdict::deny(
                    POSTERN_REASON_PIN_PENDING,
                    peer.name() + " waits for postern pin approve: " + peer.description());
            }
            return call.dry_run() ? observed(peer) : Verdict::allow().detail("first use");
        }
        if (known.pins.knows(peer.name())) {
            return not_pinned(peer.name() +
                              " is pinned with another key (postern pin remove, where it is to be "
                              "another): ");
        }
        // Anybody makes a certificate of their own: on a listener that would be no gate at all.
        if (unchained && call.inbound()) {
            return not_pinned(
                "first_use = \"pin\" takes no client whose certificate has no chain, only "
                "\"approve\" does: ");
        }
        return Verdict::allow().detail("first use");
    }

    // Nothing is written for who only looks.
    Verdict observed(const Peer& peer) const {
        if (first_use_ == FirstUse::pin) return Verdict::allow().detail("first use");
        return Verdict::deny(POSTERN_REASON_PIN_PENDING,
                             peer.name() + " would wait for approval: " + peer.description());
    }

    Verdict remember(const Call& call, Peer peer) {
        auto operation = std::make_shared<sdk::Operation>(call.defer());
        const postern_rc rc = executor_.post([this, operation, peer = std::move(peer)] {
            operation->complete(keeper_.remember(peer));
        });
        // The task is gone and with it the operation: that was its answer.
        if (rc != POSTERN_OK) log().error("a first use could not be kept: the host is busy");
        return Verdict::pending();
    }

    sdk::X509 x509_;
    sdk::Crypto crypto_;
    sdk::Clock clock_;
    sdk::Executor executor_;
    Match match_ = Match::public_key;
    FirstUse first_use_ = FirstUse::off;
    Keeper keeper_;
    sdk::Timer timer_;  // last: its task uses all of the above
};

}  // namespace

}  // namespace postern::pinning

POSTERN_MODULE(postern::pinning::Pinning)
