#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "pin.h"
#include "pin_set.h"
#include "pin_sources.h"
#include "postern/plugin.hpp"
#include "settings.h"

namespace postern::pinning {

namespace {

constexpr std::chrono::seconds kRefreshPeriod(2);

// The pin set is immutable; a timer builds the next one and puts it in its place.
class Pinning : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.postern.pinning";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "only certificates or public keys that are held here";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services =
        Requires<sdk::Config, sdk::X509, sdk::Crypto, sdk::Clock, sdk::Executor, sdk::Store>;

    explicit Pinning(Host host) : Plugin(host), x509_(host) {}

    void configure(Config& config) {
        const Settings settings = read_settings(config);
        match_ = settings.match;
        sources_.emplace(x509_, sdk::Clock(host()), settings);
        for (const PinSources::Problem& problem : sources_->refresh()) {
            config.fail(problem.key, "names " + problem.message);
        }
        auto pins = std::make_shared<const PinSet>(sources_->pins());
        if (pins->empty()) config.fail("there is no pin: " + sources_->summary());
        publish(std::move(pins));
    }

    void start() {
        log().notice(count_text(*current()) + ": " + sources_->summary());
        timer_ = sdk::Executor(host()).after(kRefreshPeriod, kRefreshPeriod, [this] { refresh(); });
    }

    void drain() { timer_.stop(); }

    void policy_digest(Digest& digest) const {
        const std::shared_ptr<const PinSet> pins = current();
        digest.add("match", std::int64_t{match_ == Match::certificate ? 1 : 0});
        for (const sdk::Sha256& each : pins->certificates()) digest.add("certificate", each);
        for (const sdk::Sha256& each : pins->keys()) digest.add("key", each);
    }

    Verdict evaluate(const Call&, const postern_peer_cert& cert) const {
        const sdk::Chain presented = x509_.chain(cert.presented);
        // Whether one is required is the host's to say.
        if (presented.empty()) return Verdict::abstain();
        const sdk::Certificate leaf = presented.leaf();
        const std::shared_ptr<const PinSet> pins = current();
        const bool held = match_ == Match::certificate
                              ? pins->holds_certificate(leaf.sha256())
                              : holds_a_key(*pins, leaf, x509_.chain(cert.verified));
        if (held) return Verdict::allow();
        return Verdict::deny(POSTERN_REASON_NOT_PINNED, describe(leaf));
    }

private:
    // What a peer merely sends along with its certificate proves nothing, since certificates are
    // public: beside the leaf, only the chain that the host verified counts.
    static bool holds_a_key(const PinSet& pins, const sdk::Certificate& leaf,
                            const sdk::Chain& verified) {
        if (pins.holds_key(leaf.spki_sha256())) return true;
        for (std::size_t i = 1; i < verified.size(); ++i) {
            if (pins.holds_key(verified[i].spki_sha256())) return true;
        }
        return false;
    }

    // With what an administrator needs to pin it.
    std::string describe(const sdk::Certificate& leaf) const {
        std::string out = "the certificate";
        if (!leaf.subject_text().empty()) {
            out += " (" + std::string(leaf.subject_text().substr(0, 200)) + ")";
        }
        if (match_ == Match::certificate) {
            out += " is not one of those held; its SHA-256 is " + sdk::hex(leaf.sha256()) +
                   ", its key's pin " + pin_text(leaf.spki_sha256());
        } else {
            out += " has no key that is pinned, nor has a CA above it; its pin is " +
                   pin_text(leaf.spki_sha256());
        }
        return out;
    }

    void refresh() {  // on a pool thread, one at a time
        for (const PinSources::Problem& problem : sources_->refresh()) {
            log().error(problem.message + (problem.kept ? "; what was held from there before stays"
                                                        : "; its pins are no longer held"));
        }
        auto pins = std::make_shared<const PinSet>(sources_->pins());
        if (*pins == *current()) return;
        if (pins->empty()) log().error("no pin is left: every certificate is refused");
        log().notice("pins changed, now " + count_text(*pins) + ": " + sources_->summary());
        publish(std::move(pins));
        host().changed(POSTERN_CHANGED_POLICY | POSTERN_CHANGED_FACTS);
    }

    std::string count_text(const PinSet& pins) const {
        return match_ == Match::certificate
                   ? std::to_string(pins.certificates().size()) + " pinned certificates"
                   : std::to_string(pins.keys().size()) + " pinned keys";
    }

    std::shared_ptr<const PinSet> current() const {
        const std::lock_guard<std::mutex> lock(pins_mutex_);
        return pins_;
    }
    void publish(std::shared_ptr<const PinSet> pins) {
        const std::lock_guard<std::mutex> lock(pins_mutex_);
        pins_.swap(pins);
    }

    sdk::X509 x509_;
    Match match_ = Match::public_key;
    std::optional<PinSources> sources_;  // configure(), then the timer's task alone
    // Not std::atomic<std::shared_ptr>: GCC 12's load() releases its lock bit with relaxed order,
    // so that a reader may race with the next store.
    mutable std::mutex pins_mutex_;
    std::shared_ptr<const PinSet> pins_;
    sdk::Timer timer_;  // last: its task uses all of the above
};

}  // namespace

}  // namespace postern::pinning

POSTERN_MODULE(postern::pinning::Pinning)
