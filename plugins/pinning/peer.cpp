#include "peer.h"

#include <algorithm>

namespace postern::pinning {

Peer::Peer(const sdk::Crypto& crypto, const PinSet& pins, const sdk::Certificate& leaf,
           const sdk::Chain& verified, Match match, std::string name) {
    show(crypto, pins, leaf, Subject::certificate);
    const bool whole = match == Match::certificate;
    if (!whole) {
        show(crypto, pins, leaf, Subject::key);
        for (std::size_t i = 1; i < verified.size(); ++i) {
            show(crypto, pins, verified[i], Subject::certificate);
            show(crypto, pins, verified[i], Subject::key);
        }
    }
    key_pin_.digest = leaf.spki_sha256().copy();
    if (whole) {
        pin_.subject = Subject::certificate;
        pin_.digest = leaf.sha256().copy();
    } else {
        pin_ = key_pin_;
    }
    pin_.name = std::move(name);
    subject_ = leaf.subject_text().substr(0, 200);
}

std::string Peer::description() const {
    std::string out = "the certificate";
    if (!subject_.empty()) out += " (" + subject_ + ")";
    Pin pin = pin_;
    pin.name.clear();
    if (pin_.subject == Subject::key) {
        return out + " has no key that is pinned, nor has a CA above it; its pin is " +
               pin_text(pin);
    }
    return out + " is not one of those held; its SHA-256 is " + sdk::hex(sdk::Bytes(pin.digest)) +
           ", its pin " + pin_text(pin) + ", its key's " + pin_text(key_pin_);
}

Standing Peer::standing(const PinSet& pins, std::int64_t now) const {
    Standing best = Standing::absent;
    for (const Pin& each : shown_) {
        best = std::max(best, pins.standing(each.subject, each.algorithm, sdk::Bytes(each.digest),
                                            name(), now));
    }
    return best;
}

void Peer::show(const sdk::Crypto& crypto, const PinSet& pins, const sdk::Certificate& certificate,
                Subject subject) {
    const bool key = subject == Subject::key;
    Pin pin;
    pin.subject = subject;
    pin.digest = (key ? certificate.spki_sha256() : certificate.sha256()).copy();
    shown_.push_back(pin);
    for (const std::uint32_t algorithm : {POSTERN_DIGEST_SHA384, POSTERN_DIGEST_SHA512}) {
        if (!pins.uses(subject, algorithm)) continue;
        pin.algorithm = algorithm;
        pin.digest = crypto.digest(algorithm, key ? certificate.spki() : certificate.der());
        shown_.push_back(pin);
    }
}

}  // namespace postern::pinning
