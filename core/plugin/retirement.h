#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace postern::plugin {

enum class Patience : bool { over, left };

// Where pipelines end: draining waits for what plugins still owe, and the last reference to a
// pipeline often falls on a loop, which must not wait. For an instance this is its [main] thread
// from then on: nobody else calls it any more. All of them are waited for side by side, so that
// none takes another's time. All functions: any thread.
class Retirement {
public:
    using Time = std::chrono::steady_clock::time_point;
    // Ends what can be ended without waiting; true: nothing is left to do. Asked again and again;
    // the last time with Patience::over, when it must give up what is left.
    using Look = std::function<bool(Patience)>;

    Retirement() = default;
    ~Retirement();  // settles
    Retirement(const Retirement&) = delete;
    Retirement& operator=(const Retirement&) = delete;

    void retire(Look look, Time until);
    void settle();  // until nothing is left to do
    // Nobody's time, of those to come neither, is longer than `until` from now on. False: a look
    // has not come back, since plugins may block in it.
    [[nodiscard]] bool settle_until(Time until);

private:
    struct Work {
        Look look;
        Time until;
    };

    void run();
    [[nodiscard]] bool settled() const { return works_.empty() && !looking_; }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Work> works_;
    Time limit_ = Time::max();
    bool looking_ = false;
    bool news_ = false;  // there is more to look at, or less time
    bool ending_ = false;
    std::thread thread_;  // started with the first work
};

}  // namespace postern::plugin
