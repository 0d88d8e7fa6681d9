#pragma once

#include <cstdint>

namespace postern {

// Time as Postern sees it; tests inject one of their own. All functions: any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual std::uint64_t monotonic_ns() const = 0;
    [[nodiscard]] virtual std::int64_t wall_seconds() const = 0;  // since the epoch, UTC
};

// CLOCK_MONOTONIC and CLOCK_REALTIME. Lives as long as the process.
[[nodiscard]] const Clock& system_clock();

}  // namespace postern
