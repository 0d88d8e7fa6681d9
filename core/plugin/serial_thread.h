#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace postern::plugin {

// The thread of one SERIAL instance: its hooks run here, in turn, and may block. Asks are bounded;
// what must not be lost (release, on_close) is bounded by the asks that were taken.
class SerialThread {
public:
    static constexpr std::size_t kMaxQueued = 1024;

    SerialThread();
    ~SerialThread();  // stop() with no time left, if it was not called
    SerialThread(const SerialThread&) = delete;
    SerialThread& operator=(const SerialThread&) = delete;

    // False: the queue is full, `job` was not taken. Any thread.
    [[nodiscard]] bool try_post(std::function<void()> job);
    void post(std::function<void()> job);

    // Runs what is queued, then ends. False: it did not come to that in time and is left to itself,
    // with the plugin it hangs in.
    [[nodiscard]] bool stop(std::chrono::steady_clock::time_point until);

private:
    struct Queue {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<std::function<void()>> jobs;
        bool ending = false;
        bool ended = false;
    };
    static void run(const std::shared_ptr<Queue>& queue);

    std::shared_ptr<Queue> queue_;  // the thread's, too: it may outlive this
    bool stopped_ = false;
};

}  // namespace postern::plugin
