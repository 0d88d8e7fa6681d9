#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "postern/plugin.h"

namespace postern::fake {

// What a plugin under test sees of the host: log, clock, config, executor, metrics, store and
// crypto (digests and random), all in memory and on the test's own thread. Time stands still but
// for advance(). Other services are given with provide(). Must outlive its instances.
class FakeHost {
public:
    struct Line {
        std::uint32_t level;  // POSTERN_LOG_*
        std::string message;
    };
    struct Completion {
        postern_op op;
        postern_rc rc;
        std::uint32_t action;
        std::uint32_t reason;
        std::string detail;
        std::vector<postern_rev_entry> facts;
    };

    FakeHost();
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    const postern_host* handle() const { return &handle_; }
    void provide(std::string id, const void* table) { services_[std::move(id)] = table; }

    // Moves both clocks and runs the timers that come due, in order.
    void advance(std::chrono::nanoseconds by);
    void set_wall_seconds(std::int64_t seconds) { wall_start_ = seconds - seconds_passed(); }
    // Runs what was posted, and what that posts.
    void run_posted();
    std::size_t timer_count() const { return timers_.size(); }

    // How many lines of this level hold `part`.
    std::size_t logged(std::uint32_t level, std::string_view part) const;

    std::vector<Line> lines;
    std::vector<std::string> errors;      // set_error()
    std::vector<Completion> completions;  // complete(); each op is taken once
    std::vector<std::uint32_t> changes;   // changed()
    std::map<std::string, std::int64_t> metrics;
    std::map<std::string, std::vector<std::uint8_t>> stored;
    std::string state_directory = "/state";
    std::string store_directory;  // after open()
    // Told of every value that is stored, where a test wants it on the disk as well.
    std::function<void(const std::string& key, std::string_view value)> on_stored;

private:
    friend struct FakeServices;
    struct Handle : postern_host {
        FakeHost* owner;
    };
    struct Timer {
        std::uint64_t id;
        std::uint64_t due;
        std::uint64_t period;
        postern_task task;
        void* user;
    };

    static FakeHost& of(const postern_host* host) {
        return *static_cast<const Handle*>(host)->owner;
    }
    std::int64_t seconds_passed() const {
        return static_cast<std::int64_t>(now_ns_ / 1'000'000'000u);
    }

    Handle handle_{};
    std::map<std::string, const void*, std::less<>> services_;
    std::uint64_t now_ns_ = 0;
    std::int64_t wall_start_ = 1'800'000'000;
    std::deque<std::pair<postern_task, void*>> posted_;
    std::vector<Timer> timers_;
    std::uint64_t next_timer_ = 1;
    std::vector<std::string> metric_names_;
};

}  // namespace postern::fake
