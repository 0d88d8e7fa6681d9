#include "core/plugin/services/executor.h"

#include <utility>

#include "core/base/log.h"
#include "core/plugin/call_scope.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::uint64_t kPoolFullRetry = 10'000'000;

postern_rc post(const postern_host* host, postern_task task, void* user) {
    if (task == nullptr) return POSTERN_E_INVALID;
    return HostHandle::of(host).tasks->post(task, user);
}

postern_rc after(const postern_host* host, std::uint64_t delay_ns, std::uint64_t period_ns,
                 postern_task task, void* user, std::uint64_t* timer) {
    if (task == nullptr || timer == nullptr) return POSTERN_E_INVALID;
    return HostHandle::of(host).tasks->after(delay_ns, period_ns, task, user, timer);
}

void cancel(const postern_host* host, std::uint64_t timer) {
    HostHandle::of(host).tasks->cancel(timer);
}

}  // namespace

ExecutorTasks::ExecutorTasks(WorkerPool& pool, TimerThread& timers, std::string name)
    : pool_(pool), timer_thread_(timers), name_(std::move(name)) {}

postern_rc ExecutorTasks::post(postern_task task, void* user) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || posted_ >= kMaxPosted) return POSTERN_E_BUSY;
        ++posted_;
    }
    const auto ended = [this] {
        const std::lock_guard lock(mutex_);
        --posted_;
        changed_.notify_all();
    };
    const bool taken = pool_.post([self = shared_from_this(), task, user, ended] {
        self->call(task, user);
        ended();
    });
    if (!taken) ended();
    return taken ? POSTERN_OK : POSTERN_E_BUSY;
}

postern_rc ExecutorTasks::after(std::uint64_t delay_ns, std::uint64_t period_ns, postern_task task,
                                void* user, std::uint64_t* timer) {
    const auto made = std::make_shared<Timer>();
    made->period_ns = period_ns;
    made->task = task;
    made->user = user;
    const std::lock_guard lock(mutex_);
    if (closed_ || timers_.size() >= kMaxTimers) return POSTERN_E_BUSY;
    made->id = ++last_;
    timers_.emplace(made->id, made);
    *timer = made->id;
    arm(made, delay_ns);
    return POSTERN_OK;
}

void ExecutorTasks::cancel(std::uint64_t timer) {
    std::unique_lock lock(mutex_);
    const auto found = timers_.find(timer);
    if (found == timers_.end()) return;
    const std::shared_ptr<Timer> cancelled = found->second;
    timers_.erase(found);
    timer_thread_.forget(cancelled->key);
    if (cancelled->running == std::this_thread::get_id()) return;
    changed_.wait(lock, [&] { return cancelled->running == std::thread::id(); });
}

void ExecutorTasks::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& [id, timer] : timers_) timer_thread_.forget(timer->key);
    timers_.clear();
}

bool ExecutorTasks::settle(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, until, [this] { return posted_ == 0; });
}

// Under mutex_.
void ExecutorTasks::arm(const std::shared_ptr<Timer>& timer, std::uint64_t delay_ns) {
    timer->key = timer_thread_.run_after(delay_ns,
                                         [self = shared_from_this(), timer] { self->fire(timer); });
}

// On the timer thread.
void ExecutorTasks::fire(const std::shared_ptr<Timer>& timer) {
    const std::lock_guard lock(mutex_);
    if (!timers_.contains(timer->id)) return;
    ++posted_;
    if (pool_.post([self = shared_from_this(), timer] { self->run(timer); })) return;
    --posted_;
    arm(timer, kPoolFullRetry);
}

// On a pool thread.
void ExecutorTasks::run(const std::shared_ptr<Timer>& timer) {
    std::unique_lock lock(mutex_);
    if (timers_.contains(timer->id)) {
        timer->running = std::this_thread::get_id();
        lock.unlock();
        call(timer->task, timer->user);
        lock.lock();
        timer->running = {};
        const auto found = timers_.find(timer->id);
        if (found != timers_.end() && timer->period_ns != 0) arm(timer, timer->period_ns);
        if (found != timers_.end() && timer->period_ns == 0) timers_.erase(found);
    }
    --posted_;
    changed_.notify_all();
}

void ExecutorTasks::call(postern_task task, void* user) const {
    const CallScope scope(name_.c_str());
    try {
        task(user);
    } catch (...) {
        log::write(LogLevel::error, "plugin", "plugin misbehaving: a task threw an exception",
                   {{"plugin", name_}});
    }
}

const postern_executor* executor_service() {
    static const postern_executor table{sizeof(postern_executor), 0, guarded<post>, guarded<after>,
                                        guarded<cancel>};
    return &table;
}

}  // namespace postern::plugin
