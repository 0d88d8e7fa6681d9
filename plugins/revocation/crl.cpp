// SPDX-License-Identifier: Apache-2.0
#include "crl.h"

#include <algorithm>

#include "content_digest.h"
#include "malformed.h"

namespace postern::revocation {
namespace {

constexpr std::int64_t kClockSkew = 300;
// Of one name, so hardly ever more than two; beyond, the oldest is forgotten and checked again.
constexpr std::size_t kMostKeys = 16;

void drain(Input& input, const std::function<void(Bytes)>& use, std::uint64_t size) {
    while (size > 0) {
        const Bytes piece = input.peek_up_to(
            static_cast<std::size_t>(std::min<std::uint64_t>(size, Input::kMostPeek)));
        if (piece.empty()) return;
        if (use) use(piece);
        size -= piece.size();
        input.skip(piece.size());
    }
}

}  // namespace

Crl::Crl(std::string path, std::size_t number, CrlFacts facts, CrlIndex index, sdk::Sha256 content)
    : path_(std::move(path)),
      number_(number),
      facts_(std::move(facts)),
      index_(std::move(index)),
      content_(content) {}

std::optional<Signature> Crl::known_signature(Bytes spki_sha256) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, signature] : signatures_) {
        if (Bytes(key) == spki_sha256) return signature;
    }
    return std::nullopt;
}

Signature Crl::check_signature(Bytes spki, Bytes spki_sha256, const sdk::Crypto& crypto) const {
    if (const auto known = known_signature(spki_sha256)) return *known;
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    try {
        CrlFile file(path_);
        for (std::size_t i = 0; i < number_; ++i) {
            Input* before = file.next();
            if (before == nullptr) return Signature::Unreadable;
            drain(*before, nullptr, kAll);
        }
        ContentDigest digest(crypto);
        Input* input = file.next([&](Bytes bytes) { digest.add(bytes); });
        if (input == nullptr) return Signature::Unreadable;
        sdk::Crypto::Verification verification(crypto, spki, Bytes(facts_.signature_algorithm));
        drain(*input, nullptr, facts_.tbs_offset);
        drain(
            *input, [&](Bytes piece) { static_cast<void>(verification.update(piece)); },
            facts_.tbs_size);
        drain(*input, nullptr, kAll);
        // Only then are the bytes that were checked those that the index was made of.
        if (digest.finish() != content_) return Signature::Unreadable;
        const bool good = verification.finish(Bytes(facts_.signature)) == POSTERN_OK;
        remember(spki_sha256, good ? Signature::Good : Signature::Bad);
        return good ? Signature::Good : Signature::Bad;
    } catch (const Malformed&) {
        return Signature::Unreadable;
    }
}

void Crl::remember(Bytes spki_sha256, Signature signature) const {
    const std::lock_guard lock(mutex_);
    if (signatures_.size() == kMostKeys) signatures_.erase(signatures_.begin());
    signatures_.emplace_back(spki_sha256.copy(), signature);
}

LoadedFile load_crl_file(const std::string& path, const sdk::Crypto& crypto) {
    CrlFile file(path);
    LoadedFile loaded{file.stamp(), {}};
    while (true) {
        ContentDigest digest(crypto);
        Input* input = file.next([&](Bytes bytes) { digest.add(bytes); });
        if (input == nullptr) return loaded;
        CrlIndex index(static_cast<std::uint64_t>(loaded.stamp.size));
        CrlFacts facts = read_crl(*input, index);
        // All of it has gone through the digest only at the end.
        if (!input->at_end()) throw Malformed::at(input->offset(), "bytes after the CRL");
        index.seal();
        loaded.crls.push_back(std::make_shared<const Crl>(
            path, loaded.crls.size(), std::move(facts), std::move(index), digest.finish()));
    }
}

Age age_of(const CrlFacts& facts, std::int64_t now, std::int64_t max_stale) noexcept {
    if (facts.this_update > now + kClockSkew) return Age::NotYetValid;
    if (now > facts.next_update) {
        return now - facts.next_update <= max_stale ? Age::Stale : Age::Expired;
    }
    const std::int64_t lifetime = facts.next_update - facts.this_update;
    return facts.next_update - now < lifetime / 10 ? Age::Expiring : Age::Fresh;
}

}  // namespace postern::revocation
