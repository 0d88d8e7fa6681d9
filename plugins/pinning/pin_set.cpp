#include "pin_set.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <tuple>

namespace postern::pinning {

namespace {

unsigned bit_of(Subject subject, std::uint32_t algorithm) {
    return 1u << (algorithm * 2 + (subject == Subject::certificate ? 1 : 0));
}

auto place(const Pin& pin) {
    return std::tie(pin.subject, pin.algorithm, pin.digest, pin.name);
}

// Digests of what anyone may see: nothing here is secret, so comparing need not hide anything.
int compare(const Pin& pin, Subject subject, std::uint32_t algorithm, sdk::Bytes digest) {
    if (pin.subject != subject) return pin.subject < subject ? -1 : 1;
    if (pin.algorithm != algorithm) return pin.algorithm < algorithm ? -1 : 1;
    return std::memcmp(pin.digest.data(), digest.data(), digest.size());
}

std::size_t size_of(std::uint32_t algorithm) {
    return algorithm == POSTERN_DIGEST_SHA256 ? 32 : algorithm == POSTERN_DIGEST_SHA384 ? 48 : 64;
}

}  // namespace

void PinSet::add(const PinSet& other) {
    pins_.insert(pins_.end(), other.pins_.begin(), other.pins_.end());
}

void PinSet::seal() {
    std::sort(pins_.begin(), pins_.end(), [](const Pin& a, const Pin& b) {
        return place(a) != place(b) ? place(a) < place(b) : a.expires > b.expires;
    });
    const auto same = [](const Pin& a, const Pin& b) { return place(a) == place(b); };
    pins_.erase(std::unique(pins_.begin(), pins_.end(), same), pins_.end());
    names_.clear();
    used_ = 0;
    for (const Pin& pin : pins_) {
        used_ |= bit_of(pin.subject, pin.algorithm);
        if (!pin.name.empty()) names_.push_back(pin.name);
    }
    std::sort(names_.begin(), names_.end());
}

bool PinSet::uses(Subject subject, std::uint32_t algorithm) const {
    return (used_ & bit_of(subject, algorithm)) != 0;
}

Standing PinSet::standing(Subject subject, std::uint32_t algorithm, sdk::Bytes digest,
                          std::string_view name, std::int64_t now) const {
    if (digest.size() != size_of(algorithm)) {
        throw sdk::Error(POSTERN_E_INTERNAL, "a certificate without its digest");
    }
    auto pin = std::lower_bound(pins_.begin(), pins_.end(), digest,
                                [&](const Pin& each, sdk::Bytes wanted) {
                                    return compare(each, subject, algorithm, wanted) < 0;
                                });
    Standing best = Standing::absent;
    for (; pin != pins_.end() && compare(*pin, subject, algorithm, digest) == 0; ++pin) {
        if (!pin->name.empty() && pin->name != name) continue;
        best = std::max(best, pin->expired(now) ? Standing::expired : Standing::held);
    }
    return best;
}

bool PinSet::knows(std::string_view name) const {
    return std::binary_search(names_.begin(), names_.end(), name);
}

std::size_t PinSet::expired(std::int64_t now) const {
    const auto is_expired = [now](const Pin& pin) { return pin.expired(now); };
    return static_cast<std::size_t>(std::count_if(pins_.begin(), pins_.end(), is_expired));
}

bool operator==(const PinSet& a, const PinSet& b) {
    const auto same = [](const Pin& one, const Pin& other) {
        return place(one) == place(other) && one.expires == other.expires;
    };
    return std::equal(a.pins_.begin(), a.pins_.end(), b.pins_.begin(), b.pins_.end(), same);
}

}  // namespace postern::pinning
