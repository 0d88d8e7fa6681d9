#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "core/base/clock.h"
#include "core/base/scheduler.h"

namespace postern::cli {

// A scheduler without sockets, run by the thread that waits for an answer. post(): any thread, the
// rest: that thread.
class OfflineLoop final : public Scheduler {
public:
    explicit OfflineLoop(const Clock& clock) : clock_(clock) {}

    void post(Task task) override;
    [[nodiscard]] std::uint64_t now_ns() const override { return clock_.monotonic_ns(); }
    TimerId run_at(std::uint64_t monotonic_ns, Task task) override;
    void cancel(TimerId timer) override;

    // Runs what is posted and due until `done`.
    void run_until(const std::function<bool()>& done);

private:
    struct Timer {
        std::uint64_t at_ns;
        Task task;
    };
    void run_due();
    void wait();

    const Clock& clock_;
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<Task> tasks_;
    std::map<TimerId, Timer> timers_;  // a handful
    TimerId last_timer_ = 0;
};

}  // namespace postern::cli
