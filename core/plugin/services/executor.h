#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/worker_pool.h"
#include "core/plugin/timer_thread.h"
#include "postern/service/executor.h"

namespace postern::plugin {

// One instance's posted tasks and timers. Shared with the pool's tasks, so that one which outstays
// its welcome finds it still there. Any thread.
class ExecutorTasks : public std::enable_shared_from_this<ExecutorTasks> {
public:
    static constexpr std::size_t kMaxPosted = 1024;
    static constexpr std::size_t kMaxTimers = 256;

    // `name` is for the crash reporter.
    ExecutorTasks(WorkerPool& pool, TimerThread& timers, std::string name);

    [[nodiscard]] postern_rc post(postern_task task, void* user);
    [[nodiscard]] postern_rc after(std::uint64_t delay_ns, std::uint64_t period_ns,
                                   postern_task task, void* user, std::uint64_t* timer);
    void cancel(std::uint64_t timer);

    // No timer runs again and nothing is taken any more after close(); false when what was running
    // or queued has not ended by then.
    void close();
    [[nodiscard]] bool settle(std::chrono::steady_clock::time_point until);

private:
    struct Timer {
        std::uint64_t id = 0;
        std::uint64_t period_ns = 0;
        postern_task task = nullptr;
        void* user = nullptr;
        TimerThread::Key key{};
        std::thread::id running;  // none: it does not run now
    };

    void arm(const std::shared_ptr<Timer>& timer, std::uint64_t delay_ns);
    void fire(const std::shared_ptr<Timer>& timer);
    void run(const std::shared_ptr<Timer>& timer);
    void call(postern_task task, void* user) const;

    WorkerPool& pool_;
    TimerThread& timer_thread_;
    const std::string name_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, std::shared_ptr<Timer>> timers_;  // those that may still run
    std::size_t posted_ = 0;  // tasks queued or running, of timers too
    std::uint64_t last_ = 0;
    bool closed_ = false;
};

[[nodiscard]] const postern_executor* executor_service();

}  // namespace postern::plugin
