#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace postern {

// "250ms", "3s", "10m", "24h", "7d"; a bare number is refused, since its unit is a guess.
[[nodiscard]] Result<std::uint64_t> parse_duration_ns(std::string_view text);
// "512B", "32KiB", "4MiB", "1GiB"; also kB, MB, GB as powers of ten.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

// The largest unit that divides it: parse(format(x)) == x.
[[nodiscard]] std::string format_duration(std::uint64_t nanoseconds);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

// RFC 3339, UTC, seconds.
[[nodiscard]] std::string format_time(std::int64_t seconds_since_epoch);

}  // namespace postern
