#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace postern::plugin {

// Where pipelines end: draining waits for what plugins still owe, and the last reference to a
// pipeline often falls on a loop, which must not wait. For an instance this is its [main] thread
// from then on: nobody else calls it any more. All functions: any thread.
class Retirement {
public:
    Retirement() = default;
    ~Retirement();  // settles
    Retirement(const Retirement&) = delete;
    Retirement& operator=(const Retirement&) = delete;

    // `work` may wait, with a bound of its own.
    void retire(std::function<void()> work);
    void settle();  // until nothing is left to do

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> works_;
    bool busy_ = false;
    bool ending_ = false;
    std::thread thread_;  // started with the first work
};

}  // namespace postern::plugin
