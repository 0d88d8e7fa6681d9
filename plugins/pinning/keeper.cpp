#include "keeper.h"

#include <utility>

namespace postern::pinning {

namespace {

using sdk::Verdict;

std::string count_text(const PinSet& pins, Match match) {
    return std::to_string(pins.size()) +
           (match == Match::certificate ? " pinned certificates" : " pinned keys");
}

// One file for a name, whoever comes with it; one for each key that waits.
std::string pinned_file(const sdk::Crypto& crypto, const Pin& pin) {
    return "first-use-" + sdk::hex(crypto.sha256(sdk::Bytes(pin.name))).substr(0, 24) + ".pin";
}
std::string pending_file(const sdk::Crypto& crypto, const Pin& pin) {
    return "first-use-" + sdk::hex(crypto.sha256(sdk::Bytes(pin_text(pin)))).substr(0, 24) +
           std::string(kPendingEnding);
}

}  // namespace

void Keeper::configure(const sdk::Config& config, Settings settings) {
    settings_ = std::move(settings);
    sources_.emplace(x509_, clock_, settings_);
    for (const PinSources::Problem& problem : sources_->refresh()) {
        config.fail(problem.key, "names " + problem.message);
    }
    auto known = read();
    looked_at_ = clock_.wall_seconds();
    const std::size_t expired = known->pins.expired(looked_at_);
    if (known->pins.size() == expired && settings_.first_use == FirstUse::off) {
        config.fail(expired == 0 ? "there is no pin: " + sources_->summary()
                                 : "every pin has expired: " + sources_->summary());
    }
    held_.publish(std::move(known));
}

void Keeper::say_what_is_held() const {
    const auto known = held_.current();
    log_.notice(count_text(known->pins, settings_.match) + ": " + sources_->summary());
    const std::size_t expired = known->pins.expired(clock_.wall_seconds());
    if (expired > 0) log_.warning(std::to_string(expired) + " of the pins have expired");
    if (known->pins.size() - expired == 1 && settings_.first_use == FirstUse::off) {
        log_.warning(
            "there is one pin and no backup: once its key is lost or replaced, nobody passes; pin "
            "the next key beside it");
    }
    if (!known->pending.empty()) {
        log_.notice(std::to_string(known->pending.size()) +
                    " pins wait for approval: postern pin list --store " + settings_.directory);
    }
}

void Keeper::refresh() {
    const std::lock_guard<std::mutex> lock(mutex_);
    refresh_locked();
}

void Keeper::refresh_locked() {
    for (const PinSources::Problem& problem : sources_->refresh()) {
        log_.error(problem.message + (problem.kept ? "; what was held from there before stays"
                                                   : "; its pins are no longer held"));
    }
    const auto before = held_.current();
    const auto after = read();
    const std::int64_t now = clock_.wall_seconds();
    const std::size_t expired = after->pins.expired(now);
    const bool same = after->pins == before->pins;
    const bool ran_out = same && expired != after->pins.expired(looked_at_);
    looked_at_ = now;
    if (!same || !(after->pending == before->pending)) held_.publish(after);
    if (same && !ran_out) return;
    if (after->pins.size() == expired) log_.error("no pin is left: every certificate is refused");
    log_.notice(ran_out ? "pins ran out: " + std::to_string(expired) + " of " +
                              std::to_string(after->pins.size()) + " have expired"
                        : "pins changed, now " + count_text(after->pins, settings_.match) + ": " +
                              sources_->summary());
    host_.changed(POSTERN_CHANGED_POLICY | POSTERN_CHANGED_FACTS);
}

Verdict Keeper::remember(const Peer& peer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    refresh_locked();  // another gate may share the store
    const auto known = held_.current();
    if (peer.standing(known->pins, clock_.wall_seconds()) == Standing::held)
        return Verdict::allow();
    return settings_.first_use == FirstUse::pin ? pin_first(peer) : ask_approval(peer);
}

// The name's file is made by whoever is first, and never replaced.
Verdict Keeper::pin_first(const Peer& peer) {
    const auto taken = [&peer] {
        return Verdict::deny(POSTERN_REASON_NOT_PINNED,
                             peer.name() + " is pinned with another key: " + peer.description());
    };
    if (held_.current()->pins.knows(peer.name())) return taken();
    const postern_rc rc = write(pinned_file(crypto_, peer.pin()), peer.pin());
    if (rc != POSTERN_OK && rc != POSTERN_E_BUSY) {
        return Verdict::deny(POSTERN_REASON_NOT_PINNED,
                             "its first-use pin could not be written: " + peer.description());
    }
    refresh_locked();
    if (peer.standing(held_.current()->pins, clock_.wall_seconds()) != Standing::held) {
        return taken();
    }
    log_.notice("pinned at first use: " + pin_text(peer.pin()));
    return Verdict::allow().detail("pinned at first use");
}

Verdict Keeper::ask_approval(const Peer& peer) {
    const std::string file = pending_file(crypto_, peer.pin());
    const std::string waits = peer.name() + " waits for: postern pin approve '" + file +
                              "' --store '" + settings_.directory + "'; ";
    if (held_.current()->pending.size() >= kMaxPending) {
        return Verdict::deny(POSTERN_REASON_PIN_PENDING,
                             "not kept, since " + std::to_string(kMaxPending) +
                                 " pins wait for approval already: " + peer.description());
    }
    const postern_rc rc = write(file, peer.pin());
    if (rc != POSTERN_OK && rc != POSTERN_E_BUSY) {
        return Verdict::deny(POSTERN_REASON_PIN_PENDING,
                             "its pin to approve could not be written: " + peer.description());
    }
    refresh_locked();
    if (rc == POSTERN_OK) log_.notice(waits + pin_text(peer.pin()));
    return Verdict::deny(POSTERN_REASON_PIN_PENDING, waits + peer.description());
}

postern_rc Keeper::write(const std::string& name, const Pin& pin) {
    const std::string line =
        pin_text(pin) + " # first seen " + time_text(clock_.wall_seconds()) + "\n";
    const postern_rc rc = store_.create(name, sdk::Bytes(std::string_view(line)));
    if (rc != POSTERN_OK && rc != POSTERN_E_BUSY) {
        log_.error(settings_.directory + "/" + name + ": cannot be written (" + std::to_string(rc) +
                   "): " + pin_text(pin));
    }
    return rc;
}

std::shared_ptr<const Known> Keeper::read() const {
    return std::make_shared<const Known>(Known{sources_->pins(), sources_->pending()});
}

}  // namespace postern::pinning
