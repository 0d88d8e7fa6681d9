#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/plugin/environment.h"
#include "core/plugin/op_table.h"
#include "core/plugin/services/config.h"
#include "core/plugin/services/crypto.h"
#include "core/plugin/services/executor.h"
#include "core/plugin/services/log.h"
#include "postern/module.h"

namespace postern::plugin {

// What one instance holds of the host: the postern_host it was given, and behind it whatever the
// services keep for it.
struct HostHandle final : postern_host {
    HostHandle(Environment& environment_to_use, HostContext context_to_use);
    HostHandle(const HostHandle&) = delete;
    HostHandle& operator=(const HostHandle&) = delete;

    [[nodiscard]] static HostHandle& of(const postern_host* host) {
        return *static_cast<HostHandle*>(const_cast<postern_host*>(host));
    }

    // Says, at most once in ten seconds, that the plugin does what it must not. Any thread.
    void misbehaves(std::string_view what);

    Environment& owner;
    Environment::State& environment;
    HostContext context;
    std::string log_source;  // "plugin.ratelimit"
    std::string error;       // what set_error() said last; [main]

    OpTable operations;
    LogQuota log_quota;
    ConfigReading reading;
    std::shared_ptr<ExecutorTasks> tasks;
    Verifications verifications;
    bool store_opened = false;  // [main]
    std::mutex store_mutex;     // writers of the folder

    struct Counters {
        std::uint32_t late = 0;      // complete() after the host had decided: normal
        std::uint32_t repeated = 0;  // complete() for what is no operation (any more)
        std::uint32_t timeouts = 0;
        std::uint32_t errors = 0;      // error codes, exceptions, unknown actions
        std::uint32_t overloaded = 0;  // not asked: too many operations outstanding
        std::uint32_t slow = 0;        // a call on a loop took over 50 ms
    };
    Counters counters;  // numbers in the registry
    void count(std::uint32_t metric) const;

private:
    std::atomic<std::uint64_t> last_complaint_ns_{0};
};

}  // namespace postern::plugin
