#include "core/plugin/timer_thread.h"

#include <algorithm>

namespace postern::plugin {

TimerThread::TimerThread() : thread_([this] { run(); }) {}

TimerThread::~TimerThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

TimerThread::Key TimerThread::run_after(std::uint64_t delay_ns, std::function<void()> task) {
    constexpr std::uint64_t kLongest = std::uint64_t{1} << 62;
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::nanoseconds left = Time::max() - now;
    const std::chrono::nanoseconds delay(static_cast<std::int64_t>(std::min(delay_ns, kLongest)));
    const std::lock_guard lock(mutex_);
    const Key key{now + std::min(delay, left), ++last_};
    tasks_.emplace(key, std::move(task));
    changed_.notify_all();
    return key;
}

void TimerThread::forget(const Key& key) {
    std::function<void()> task;  // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(key);
    if (found == tasks_.end()) return;
    task = std::move(found->second);
    tasks_.erase(found);
}

void TimerThread::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        if (tasks_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto first = tasks_.begin();
        if (const Time when = first->first.first; when > std::chrono::steady_clock::now()) {
            changed_.wait_until(lock, when);
            continue;
        }
        {
            const std::function<void()> task = std::move(first->second);
            tasks_.erase(first);
            lock.unlock();
            task();
        }
        lock.lock();
    }
}

}  // namespace postern::plugin
