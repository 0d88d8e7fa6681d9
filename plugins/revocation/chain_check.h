// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "crl_set.h"
#include "postern/plugin.hpp"
#include "settings.h"

namespace postern::revocation {

// Whether the host validated the path; under trust = "pin" it did not, and no anchor is known.
enum class Path : bool { Presented, Verified };

// Judges every certificate of a chain but the anchor by the CRLs in force. Holds no state; its
// arguments must outlive it.
class ChainCheck {
public:
    // What is known of a CRL's signature by this issuer; nothing: it must be checked first, and
    // that takes too long for here.
    using SignatureOf =
        std::function<std::optional<Signature>(const Crl& crl, const sdk::Certificate& issuer)>;

    ChainCheck(const Settings& settings, const CrlSet& crls, std::int64_t now,
               SignatureOf signature_of);

    // Nothing when SignatureOf knew nothing.
    std::optional<sdk::Verdict> run(const sdk::Chain& chain, Path path) const;

private:
    struct Finding {
        postern_rev_entry entry;
        std::string detail;  // of UNKNOWN and REVOKED
    };
    std::optional<Finding> judge(const sdk::Chain& chain, std::size_t index, Path path) const;
    std::optional<Finding> judge_by_crls(const sdk::Certificate& certificate,
                                         const sdk::Certificate& issuer) const;
    // Nothing: a signature must be checked first. UNKNOWN with what would have been needed.
    std::optional<Finding> judge_by_line(const CrlSet::Line& line,
                                         const sdk::Certificate& certificate,
                                         const sdk::Certificate& issuer) const;
    bool exempt(const sdk::Chain& chain, std::size_t index, Path path) const;

    const Settings& settings_;
    const CrlSet& crls_;
    std::int64_t now_;
    SignatureOf signature_of_;
};

// Every certificate good by policy: nothing is asked.
sdk::Verdict exempt_all(const sdk::Chain& chain);

}  // namespace postern::revocation
