#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace postern::cli {

// RFC 5280 section 5.3.1, without removeFromCRL, which stands in delta CRLs only.
enum class RevocationReason : std::uint8_t {
    unspecified = 0,
    key_compromise = 1,
    ca_compromise = 2,
    affiliation_changed = 3,
    superseded = 4,
    cessation_of_operation = 5,
    certificate_hold = 6,
    privilege_withdrawn = 9,
    aa_compromise = 10,
};

// The RFC's names, "keyCompromise"; any case.
[[nodiscard]] Result<RevocationReason> parse_reason(const std::string& text);
[[nodiscard]] std::string reason_name(RevocationReason reason);

struct Revocation {
    Bytes serial;
    RevocationReason reason = RevocationReason::unspecified;
    std::int64_t revoked_at = 0;
};

// What a CA remembers: kept as JSON beside its certificate.
struct RevocationState {
    std::uint64_t last_crl_number = 0;
    std::vector<Revocation> revoked;

    [[nodiscard]] const Revocation* find(ByteView serial) const;
};

// Held from reading to writing, so that two commands at once lose nothing. Locks the directory of
// the state file; freed with the descriptor.
[[nodiscard]] Result<UniqueFd> lock_state(const std::string& path);
// No file is an empty state.
[[nodiscard]] Result<RevocationState> read_state(const std::string& path);
[[nodiscard]] Result<void> write_state(const std::string& path, const RevocationState& state);

}  // namespace postern::cli
