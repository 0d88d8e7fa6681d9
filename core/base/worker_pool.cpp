#include "core/base/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace postern {

class WorkerPool::State {
public:
    State(std::size_t threads, std::size_t max_queued) : max_queued_(max_queued) {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    }

    ~State() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    bool post(Task task) {
        {
            const std::lock_guard lock(mutex_);
            if (ending_ || tasks_.size() >= max_queued_) return false;
            tasks_.push_back(std::move(task));
        }
        changed_.notify_one();
        return true;
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            {
                const Task task = std::move(tasks_.front());
                tasks_.pop_front();
                lock.unlock();
                task();
            }  // what the task holds goes before the lock is taken again
            lock.lock();
        }
    }

    const std::size_t max_queued_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool ending_ = false;
    std::vector<std::thread> threads_;  // last: they use all of the above
};

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_queued)
    : state_(std::make_unique<State>(threads, max_queued)) {}

WorkerPool::~WorkerPool() = default;

bool WorkerPool::post(Task task) {
    return state_->post(std::move(task));
}

}  // namespace postern
