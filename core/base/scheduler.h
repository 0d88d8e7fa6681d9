#pragma once

#include <cstdint>
#include <functional>

namespace postern {

using Task = std::function<void()>;
using TimerId = std::uint64_t;  // 0 is none

// One thread that runs tasks in turn: an event loop as the rooms above `net` see it.
class Scheduler {
public:
    virtual ~Scheduler() = default;

    // Runs `task` on the scheduler's thread, never inside this call. Any thread.
    virtual void post(Task task) = 0;

    // The rest: the scheduler's thread only.
    [[nodiscard]] virtual std::uint64_t now_ns() const = 0;  // monotonic, as of this turn
    virtual TimerId run_at(std::uint64_t monotonic_ns, Task task) = 0;
    virtual void cancel(TimerId timer) = 0;  // an id that has run or is 0 is ignored
};

}  // namespace postern
