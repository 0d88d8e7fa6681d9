#pragma once

#include <algorithm>
#include <cstdint>

namespace postern::upstream {

// A token bucket, kept as the time at which it will be full again: `burst` starts at once, then
// `per_second`. Not locked.
class StdioStartRate {
public:
    StdioStartRate(std::uint64_t burst, std::uint64_t per_second)
        : every_ns_(1'000'000'000 / per_second), ahead_ns_((burst - 1) * every_ns_) {}

    // How long until the next is due; 0: now.
    [[nodiscard]] std::uint64_t wait_ns(std::uint64_t now_ns) const {
        return full_at_ns_ > now_ns + ahead_ns_ ? full_at_ns_ - ahead_ns_ - now_ns : 0;
    }
    void take(std::uint64_t now_ns) { full_at_ns_ = std::max(full_at_ns_, now_ns) + every_ns_; }
    [[nodiscard]] bool is_full(std::uint64_t now_ns) const { return full_at_ns_ <= now_ns; }

private:
    std::uint64_t every_ns_;
    std::uint64_t ahead_ns_;
    std::uint64_t full_at_ns_ = 0;
};

}  // namespace postern::upstream
