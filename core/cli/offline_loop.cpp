#include "core/cli/offline_loop.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace postern::cli {
namespace {

constexpr std::uint64_t kLongestWaitNs = 1'000'000'000;

}  // namespace

void OfflineLoop::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    posted_.notify_one();
}

TimerId OfflineLoop::run_at(std::uint64_t monotonic_ns, Task task) {
    timers_.emplace(++last_timer_, Timer{monotonic_ns, std::move(task)});
    return last_timer_;
}

void OfflineLoop::cancel(TimerId timer) {
    timers_.erase(timer);
}

void OfflineLoop::run_until(const std::function<bool()>& done) {
    while (!done()) {
        std::deque<Task> tasks;
        {
            const std::lock_guard lock(mutex_);
            tasks.swap(tasks_);
        }
        for (const Task& task : tasks) task();
        run_due();
        if (tasks.empty() && !done()) wait();
    }
}

void OfflineLoop::run_due() {
    std::vector<Task> due;
    for (auto timer = timers_.begin(); timer != timers_.end();) {
        if (timer->second.at_ns > now_ns()) {
            ++timer;
            continue;
        }
        due.push_back(std::move(timer->second.task));
        timer = timers_.erase(timer);
    }
    for (const Task& task : due) task();
}

void OfflineLoop::wait() {
    std::uint64_t wait_ns = kLongestWaitNs;
    for (const auto& [id, timer] : timers_)
        wait_ns = std::min(wait_ns, timer.at_ns - std::min(timer.at_ns, now_ns()));
    std::unique_lock lock(mutex_);
    posted_.wait_for(lock, std::chrono::nanoseconds(wait_ns), [this] { return !tasks_.empty(); });
}

}  // namespace postern::cli
