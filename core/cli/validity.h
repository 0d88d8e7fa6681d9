#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.h"

namespace postern::cli {

constexpr std::int64_t kDay = 24 * 60 * 60;

struct Validity {
    std::int64_t not_before = 0;  // seconds since the epoch
    std::int64_t not_after = 0;
};

// The values of --days, --validity, --not-before, --not-after; empty where not given.
struct ValidityOptions {
    std::string days;
    std::string validity;
    std::string not_before;
    std::string not_after;
};

// From five minutes ago (peers' clocks differ) for `default_lifetime` seconds. What was not asked
// for ends with the issuer's certificate, `latest_end`; what was asked for and ends later is an
// error.
[[nodiscard]] Result<Validity> resolve_validity(const ValidityOptions& options, std::int64_t now,
                                                std::int64_t default_lifetime,
                                                std::optional<std::int64_t> latest_end);

// "2026-11-23T10:00:00Z", also with an offset. `flag` is for the error.
[[nodiscard]] Result<std::int64_t> parse_time(const std::string& flag, const std::string& text);
// Seconds, from "90d" or "12h".
[[nodiscard]] Result<std::int64_t> parse_lifetime(const std::string& flag, const std::string& text);

}  // namespace postern::cli
