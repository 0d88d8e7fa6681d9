#include "core/plugin/host_handle.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/plugin/adopt.h"
#include "core/plugin/ask.h"
#include "core/plugin/environment_state.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::uint64_t kComplaintEvery = 10'000'000'000;

const void* find_service(const postern_host* host, const char* id) {
    return id == nullptr ? nullptr : HostHandle::of(host).owner.service(id);
}

void keep_error(const postern_host* host, postern_str message) {
    HostHandle::of(host).error = view_of(message).substr(0, 1024);
}

postern_rc end_operation(const postern_host* host, postern_op op, postern_rc rc,
                         const postern_verdict* verdict) {
    return deliver(HostHandle::of(host), op, rc, verdict);
}

void pass_change(const postern_host* host, std::uint32_t what) {
    const HostHandle& handle = HostHandle::of(host);
    what &= POSTERN_CHANGED_POLICY | POSTERN_CHANGED_FACTS;
    if (what != 0) {
        handle.owner.changed({handle.context.listener, handle.context.short_name, what});
    }
}

std::string folder_name(std::string name) {
    std::replace(name.begin(), name.end(), '/', '_');
    return name == ".." || name == "." || name.empty() ? "_" : name;
}

}  // namespace

HostHandle::HostHandle(Environment& environment_to_use, HostContext context_to_use)
    : postern_host{sizeof(postern_host),
                   kHostAbi,
                   "postern",
                   nullptr,
                   guarded<find_service>,
                   guarded<keep_error>,
                   guarded<end_operation>,
                   guarded<pass_change>,
                   nullptr,
                   context_to_use.role,
                   0},
      owner(environment_to_use),
      environment(environment_to_use.state()),
      context(std::move(context_to_use)),
      log_source("plugin." + context.short_name),
      reading(environment.state_directory),
      tasks(std::make_shared<ExecutorTasks>(environment.pool, environment.timers,
                                            context.plugin_id)) {
    static const std::string version_text = std::to_string(POSTERN_VERSION_MAJOR) + "." +
                                            std::to_string(POSTERN_VERSION_MINOR) + "." +
                                            std::to_string(POSTERN_VERSION_PATCH);
    postern_host::version = version_text.c_str();
    postern_host::listener = context.listener.c_str();
    context.store_directory = environment.state_directory + "/" + folder_name(context.plugin_id) +
                              "/" + folder_name(context.listener);

    const auto counter = [this](std::string_view name, std::string help) {
        return environment.metrics
            .define(POSTERN_METRIC_COUNTER, metric_name(context.short_name, name), std::move(help))
            .value_or(0);
    };
    counters.late = counter("late_completions_total", "Answers after the host had decided.");
    counters.repeated = counter("stale_completions_total", "Answers to no known operation.");
    counters.timeouts = counter("timeouts_total", "Asks that the deadline decided.");
    counters.errors = counter("errors_total", "Errors, exceptions and unknown actions.");
    counters.overloaded = counter("overloaded_total", "Asks not made: too many outstanding.");
    counters.slow = counter("slow_calls_total", "Calls that held an event loop over 50 ms.");
}

void HostHandle::count(std::uint32_t metric) const {
    environment.metrics.add(metric, 1);
}

void HostHandle::misbehaves(std::string_view what) {
    const std::uint64_t now = environment.clock.monotonic_ns();
    std::uint64_t last = last_complaint_ns_.load(std::memory_order_relaxed);
    if (last != 0 && now - last < kComplaintEvery) return;
    if (!last_complaint_ns_.compare_exchange_strong(last, now == 0 ? 1 : now)) return;
    log::write(LogLevel::warning, log_source, std::string("plugin misbehaving: ").append(what),
               {{"listener", context.listener}});
}

}  // namespace postern::plugin
