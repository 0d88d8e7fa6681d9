#include "core/net/loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include <sys/eventfd.h>

#include "core/base/clock.h"

namespace postern::net {
namespace {

constexpr int kLongestWaitMilliseconds = 60'000;
// News of a network is older than this where it matters.
constexpr std::uint64_t kMomentNs = 1'000'000;

struct Later {
    template <class T>
    bool operator()(const T& left, const T& right) const {
        return left.at_ns > right.at_ns;
    }
};

}  // namespace

Result<std::unique_ptr<Loop>> Loop::create(std::size_t index, const Clock& clock) {
    UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    UniqueFd wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll || !wakeup) {
        return internal_error(std::string("cannot make an event loop: ") + std::strerror(errno));
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;  // the wake-up is the one without a watcher
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wakeup.get(), &event) != 0) {
        return internal_error(std::string("cannot make an event loop: ") + std::strerror(errno));
    }
    return std::unique_ptr<Loop>(new Loop(index, std::move(epoll), std::move(wakeup), clock));
}

Loop::Loop(std::size_t index, UniqueFd epoll, UniqueFd wakeup, const Clock& clock)
    : index_(index),
      clock_(clock),
      epoll_(std::move(epoll)),
      wakeup_(std::move(wakeup)),
      now_ns_(clock.monotonic_ns()) {}

Loop::~Loop() {
    // What tasks own may post, cancel and unwatch as it goes, and does so while all this is there.
    for (;;) {
        std::vector<Task> tasks = std::exchange(deferred_, {});
        {
            const std::lock_guard lock(mutex_);
            std::move(posted_.begin(), posted_.end(), std::back_inserter(tasks));
            posted_.clear();
        }
        if (tasks.empty()) break;
    }
}

void Loop::run() {
    while (!stopping_.load(std::memory_order_acquire)) {
        wait();
        tell();
        run_timers();
        run_posted();
        run_turn_ends();
    }
    run_posted();
    run_turn_ends();
    stopping_.store(false, std::memory_order_relaxed);
}

void Loop::wait() {
    const int count = ::epoll_wait(epoll_.get(), fetched_.data(), static_cast<int>(fetched_.size()),
                                   wait_milliseconds());
    fetched_at_ = 0;
    fetched_end_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    fetched_all_ = count >= 0 && fetched_end_ < fetched_.size();
    now_ns_ = clock_.monotonic_ns();
}

void Loop::tell() {
    while (fetched_at_ < fetched_end_) {
        const epoll_event event = fetched_.at(fetched_at_++);
        if (event.events == 0) continue;  // unwatched meanwhile
        if (event.data.ptr != nullptr) {
            static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
            continue;
        }
        std::uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t size = ::read(wakeup_.get(), &ignored, sizeof ignored);
    }
}

void Loop::stop() {
    stopping_.store(true, std::memory_order_release);
    post([] {});
}

void Loop::post(Task task) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(task));
    }
    if (!first) return;  // the wake-up is on its way already
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t size = ::write(wakeup_.get(), &one, sizeof one);
}

TimerId Loop::run_at(std::uint64_t monotonic_ns, Task task) {
    const TimerId id = next_timer_++;
    timers_.emplace(id, std::move(task));
    heap_.push_back({monotonic_ns, id});
    std::push_heap(heap_.begin(), heap_.end(), Later{});
    return id;
}

void Loop::cancel(TimerId timer) {
    if (timers_.erase(timer) == 0) return;
    if (heap_.size() < 64 || timers_.size() * 2 > heap_.size()) return;
    std::erase_if(heap_, [this](const Timer& entry) { return !timers_.contains(entry.id); });
    std::make_heap(heap_.begin(), heap_.end(), Later{});
}

Result<void> Loop::watch(int fd, std::uint32_t epoll_events, Watcher& watcher) {
    epoll_event event{};
    event.events = epoll_events;
    event.data.ptr = &watcher;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        return internal_error(std::string("cannot watch a descriptor: ") + std::strerror(errno));
    }
    return {};
}

void Loop::change(int fd, std::uint32_t epoll_events, Watcher& watcher) {
    epoll_event event{};
    event.events = epoll_events;
    event.data.ptr = &watcher;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::unwatch(int fd, Watcher& watcher) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    for (std::size_t i = fetched_at_; i < fetched_end_; ++i) {
        if (fetched_.at(i).data.ptr == &watcher) fetched_.at(i).events = 0;
    }
}

bool Loop::heard_of_all() const {
    return fetched_all_ && fetched_at_ == fetched_end_ &&
           clock_.monotonic_ns() - now_ns_ < kMomentNs;
}

void Loop::defer(Task task) {
    deferred_.push_back(std::move(task));
}

void Loop::run_posted() {
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(posted_);
    }
    for (Task& task : tasks) task();
    tasks.clear();
    // What these defer in turn waits for the next turn, so that no chain of tasks starves sockets.
    tasks.swap(deferred_);
    for (Task& task : tasks) task();
}

void Loop::forget_turn_end(const Watcher& watcher) {
    std::replace(ending_.begin(), ending_.end(), const_cast<Watcher*>(&watcher),
                 static_cast<Watcher*>(nullptr));
}

void Loop::run_turn_ends() {
    // By index: more may be added meanwhile.
    for (std::size_t i = 0; i < ending_.size(); ++i) {
        Watcher* const watcher = std::exchange(ending_[i], nullptr);
        if (watcher != nullptr) watcher->on_turn_end();
    }
    ending_.clear();
}

void Loop::run_timers() {
    while (!heap_.empty() && heap_.front().at_ns <= now_ns_) {
        const TimerId id = heap_.front().id;
        std::pop_heap(heap_.begin(), heap_.end(), Later{});
        heap_.pop_back();
        const auto timer = timers_.find(id);
        if (timer == timers_.end()) continue;
        Task task = std::move(timer->second);
        timers_.erase(timer);
        task();
    }
}

int Loop::wait_milliseconds() const {
    if (!deferred_.empty()) return 0;
    if (heap_.empty()) return kLongestWaitMilliseconds;
    const std::uint64_t now = clock_.monotonic_ns();
    const std::uint64_t next = heap_.front().at_ns;
    if (next <= now) return 0;
    // Rounded up: a timer that comes up a moment early would only be waited for again.
    const std::uint64_t wait = (next - now + 999'999) / 1'000'000;
    return static_cast<int>(std::min<std::uint64_t>(wait, kLongestWaitMilliseconds));
}

}  // namespace postern::net
