#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "core/base/scheduler.h"
#include "core/plugin/environment.h"
#include "core/plugin/retirement.h"
#include "core/plugin/services/metrics.h"
#include "core/plugin/timer_thread.h"

namespace postern::plugin {

// Whose instances are to end and have not, by short name. Any thread.
class OwingPlugins {
public:
    void add(const std::string& name) {
        const std::lock_guard lock(mutex_);
        names_.insert(name);
    }
    void remove(const std::string& name) {
        const std::lock_guard lock(mutex_);
        names_.erase(names_.find(name));
    }
    [[nodiscard]] std::set<std::string> names() const {
        const std::lock_guard lock(mutex_);
        return {names_.begin(), names_.end()};
    }

private:
    mutable std::mutex mutex_;
    std::multiset<std::string> names_;  // once for each instance
};

class Environment::State {
public:
    State(const Clock& clock_to_use, WorkerPool& pool_to_use, std::string directory);

    // Which of the process's loops this is, by the order in which they first came; empty once more
    // have come than set_loops() said. Any thread.
    [[nodiscard]] std::optional<std::size_t> loop_index(const Scheduler& scheduler);

    const Clock& clock;
    WorkerPool& pool;
    const std::string state_directory;

    std::map<std::string, const void*, std::less<>> services;  // fixed before the first build
    mutable std::mutex mutex;
    std::function<void(const Changed&)> changed_listener;  // under mutex
    MetricRegistry metrics;
    std::size_t loops = 1;
    // A plugin was left to itself and may still call its services: this must stay for good.
    std::atomic<bool> abandoned{false};
    OwingPlugins owing;

private:
    static constexpr std::size_t kMaxLoops = 1024;
    std::array<std::atomic<const Scheduler*>, kMaxLoops> known_loops_{};

public:
    TimerThread timers;
    Retirement retirement;  // last: what retires uses all of the above
};

}  // namespace postern::plugin
