#include "core/base/clock.h"

#include <ctime>

namespace postern {
namespace {

class SystemClock final : public Clock {
public:
    std::uint64_t monotonic_ns() const override {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
               static_cast<std::uint64_t>(now.tv_nsec);
    }

    std::int64_t wall_seconds() const override {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec;
    }
};

}  // namespace

const Clock& system_clock() {
    // Never destroyed: threads may ask until the process ends.
    static const SystemClock* const clock = new SystemClock;
    return *clock;
}

}  // namespace postern
