#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <sys/epoll.h>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/scheduler.h"
#include "core/base/unique_fd.h"

namespace postern::net {

// Told when its descriptor is ready. It may be unwatched and destroyed inside the call.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void on_ready(std::uint32_t epoll_events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLRDHUP, …
    // Asked for by Loop::end_turn_with(). It may be destroyed inside the call.
    virtual void on_turn_end() {}
};

// One event loop: level-triggered epoll, an eventfd for tasks from other threads, a timer heap.
// Everything but post(), stop() and index() belongs to the thread in run(), or to the one that set
// the loop up before that.
class Loop final : public Scheduler {
public:
    [[nodiscard]] static Result<std::unique_ptr<Loop>> create(std::size_t index,
                                                              const Clock& clock = system_clock());
    ~Loop() override;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void run();   // until stop(), or not at all if it was called; tasks posted before are run
    void stop();  // any thread

    void post(Task task) override;  // any thread
    // As post(), from the loop's own thread and without a system call: runs at the end of this
    // turn.
    void defer(Task task);
    // Calls on_turn_end() once this turn's events and tasks are done with. What is sent then goes
    // out in one burst, which wakes the processes that wait for it far less often than as many
    // sends with work between them.
    void end_turn_with(Watcher& watcher) { ending_.push_back(&watcher); }
    void forget_turn_end(const Watcher& watcher);  // before it goes
    [[nodiscard]] std::uint64_t now_ns() const override { return now_ns_; }
    TimerId run_at(std::uint64_t monotonic_ns, Task task) override;
    void cancel(TimerId timer) override;

    // `watcher` must be unwatched before it or the descriptor goes.
    [[nodiscard]] Result<void> watch(int fd, std::uint32_t epoll_events, Watcher& watcher);
    void change(int fd, std::uint32_t epoll_events, Watcher& watcher);
    void unwatch(int fd, Watcher& watcher);
    // Whoever was not told of anything in this turn has nothing to hear, as of a moment ago. False
    // as well when more was ready than a turn takes, or the turn has lasted.
    [[nodiscard]] bool heard_of_all() const;

    // Which of the process's loops this is, from 0: for what is kept once a loop. Any thread.
    [[nodiscard]] std::size_t index() const { return index_; }

private:
    static constexpr std::size_t kEventsPerTurn = 128;
    struct Timer {
        std::uint64_t at_ns;
        TimerId id;
    };

    Loop(std::size_t index, UniqueFd epoll, UniqueFd wakeup, const Clock& clock);
    void wait();
    void tell();
    void run_posted();
    void run_turn_ends();
    void run_timers();
    [[nodiscard]] int wait_milliseconds() const;

    std::size_t index_;
    const Clock& clock_;
    UniqueFd epoll_;
    UniqueFd wakeup_;
    std::uint64_t now_ns_ = 0;

    // A heap by time; cancelled timers leave their entry, which is passed over when it comes up and
    // swept when more than half of the heap is such.
    std::vector<Timer> heap_;
    std::unordered_map<TimerId, Task> timers_;
    TimerId next_timer_ = 1;

    // What epoll_wait(2) brought and nobody has been told of yet. Whoever is unwatched is taken
    // out, since another watcher may lie at its address before the turn is over.
    std::array<epoll_event, kEventsPerTurn> fetched_;
    std::size_t fetched_at_ = 0;
    std::size_t fetched_end_ = 0;
    bool fetched_all_ = false;  // that was ready

    std::vector<Task> deferred_;
    std::vector<Watcher*> ending_;  // null: forgotten

    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::vector<Task> posted_;  // under mutex_
};

}  // namespace postern::net
