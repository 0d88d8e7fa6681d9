#include "core/plugin/serial_thread.h"

#include <thread>
#include <utility>

namespace postern::plugin {

SerialThread::SerialThread() : queue_(std::make_shared<Queue>()) {
    // Detached from the first: a plugin that hangs must not hold up the end of the process.
    std::thread([queue = queue_] { run(queue); }).detach();
}

SerialThread::~SerialThread() {
    if (!stopped_) static_cast<void>(stop(std::chrono::steady_clock::now()));
}

bool SerialThread::try_post(std::function<void()> job) {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->ending || queue_->jobs.size() >= kMaxQueued) return false;
    queue_->jobs.push_back(std::move(job));
    queue_->changed.notify_all();
    return true;
}

void SerialThread::post(std::function<void()> job) {
    const std::lock_guard lock(queue_->mutex);
    queue_->jobs.push_back(std::move(job));
    queue_->changed.notify_all();
}

bool SerialThread::stop(std::chrono::steady_clock::time_point until) {
    stopped_ = true;
    std::unique_lock lock(queue_->mutex);
    queue_->ending = true;
    queue_->changed.notify_all();
    return queue_->changed.wait_until(lock, until, [this] { return queue_->ended; });
}

void SerialThread::run(const std::shared_ptr<Queue>& queue) {
    std::unique_lock lock(queue->mutex);
    while (true) {
        queue->changed.wait(lock, [&] { return queue->ending || !queue->jobs.empty(); });
        if (queue->jobs.empty()) break;
        {
            const std::function<void()> job = std::move(queue->jobs.front());
            queue->jobs.pop_front();
            lock.unlock();
            job();
        }
        lock.lock();
    }
    queue->ended = true;
    queue->changed.notify_all();
}

}  // namespace postern::plugin
