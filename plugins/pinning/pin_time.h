#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::pinning {

// Seconds since the epoch from "2027-01-31T00:00:00Z": RFC 3339 in UTC, of 1970 to 9999, in capital
// letters, without fractions and leap seconds; time_text() (pin.h) is the way back.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace postern::pinning
