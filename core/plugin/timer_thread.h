#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace postern::plugin {

// One thread that runs short tasks when their time has come; the executor's timers post to the pool
// from it. Real time: a wait can be held by no other clock. All functions: any thread.
class TimerThread {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Key = std::pair<Time, std::uint64_t>;

    TimerThread();
    ~TimerThread();
    TimerThread(const TimerThread&) = delete;
    TimerThread& operator=(const TimerThread&) = delete;

    // A delay past some centuries is cut there.
    Key run_after(std::uint64_t delay_ns, std::function<void()> task);
    void forget(
        const Key& key);  // one that has run is ignored; one that is running is not waited for

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Key, std::function<void()>> tasks_;
    std::uint64_t last_ = 0;
    bool ending_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace postern::plugin
