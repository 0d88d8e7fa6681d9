// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crl_file.h"
#include "crl_index.h"
#include "crl_reader.h"
#include "postern/plugin.hpp"

namespace postern::revocation {

enum class Signature : std::uint8_t {
    Good,
    Bad,        // not by this key, or by an algorithm that the host does not accept
    Unreadable  // the file is not what it was; the next re-read will tell
};

// A CRL that was read: who issued it, when, and which serials it names. Everything is immutable but
// what is known about its signature. [any]
class Crl {
public:
    // `number` counts the CRLs of a file from 0.
    Crl(std::string path, std::size_t number, CrlFacts facts, CrlIndex index, sdk::Sha256 content);

    const std::string& path() const noexcept { return path_; }
    std::size_t number() const noexcept { return number_; }
    const CrlFacts& facts() const noexcept { return facts_; }
    const CrlIndex& index() const noexcept { return index_; }
    const sdk::Sha256& content() const noexcept { return content_; }

    // What is known already of this key.
    std::optional<Signature> known_signature(Bytes spki_sha256) const;
    // Reads the file once more, in pieces, and checks the signature over it; the answer is kept
    // unless it is Unreadable. Blocks: for a pool thread.
    Signature check_signature(Bytes spki, Bytes spki_sha256, const sdk::Crypto& crypto) const;

private:
    void remember(Bytes spki_sha256, Signature signature) const;

    std::string path_;
    std::size_t number_;
    CrlFacts facts_;
    CrlIndex index_;
    sdk::Sha256 content_;
    mutable std::mutex mutex_;
    mutable std::vector<std::pair<std::vector<std::uint8_t>, Signature>> signatures_;
};

using CrlRef = std::shared_ptr<const Crl>;

struct LoadedFile {
    FileStamp stamp;
    std::vector<CrlRef> crls;
};
// Throws Malformed. Blocks.
LoadedFile load_crl_file(const std::string& path, const sdk::Crypto& crypto);

enum class Age : std::uint8_t {
    NotYetValid,
    Fresh,
    Expiring,  // fresh, with less than a tenth of its time left
    Stale,     // past nextUpdate, within max_stale
    Expired
};
// thisUpdate may be five minutes ahead: clocks differ.
Age age_of(const CrlFacts& facts, std::int64_t now, std::int64_t max_stale) noexcept;

}  // namespace postern::revocation
