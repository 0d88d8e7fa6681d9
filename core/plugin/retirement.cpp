#include "core/plugin/retirement.h"

#include <utility>

namespace postern::plugin {

Retirement::~Retirement() {
    settle();
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Retirement::retire(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(work));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    changed_.notify_all();
}

void Retirement::settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return works_.empty() && !busy_; });
}

void Retirement::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !works_.empty(); });
        if (works_.empty()) return;
        {
            const std::function<void()> work = std::move(works_.front());
            works_.pop_front();
            busy_ = true;
            lock.unlock();
            work();
        }
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

}  // namespace postern::plugin
