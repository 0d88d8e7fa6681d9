#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/config/node.h"
#include "core/plugin/ask.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/interfaces.h"
#include "core/plugin/loader.h"
#include "core/plugin/serial_thread.h"

namespace postern::plugin {

// One created plugin: create -> configure -> start -> calls -> drain -> destroy, in that order and
// each once. No exception of the plugin's leaves a function here.
class Instance {
public:
    // create() and get_interface(). `configuration` lives as long as the instance. Main thread.
    [[nodiscard]] static Result<std::shared_ptr<Instance>> create(
        Environment& environment, const LoadedModule& module, const postern_descriptor& descriptor,
        HostContext context, config::Node::Shared configuration);
    ~Instance();  // destroy(), unless it was abandoned
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    // Main thread. The errors have file, line and column where the plugin pointed at a key.
    [[nodiscard]] Result<void> configure();
    [[nodiscard]] Result<void> start();
    // Empty: the plugin has no policy of its own.
    [[nodiscard]] Result<std::optional<Digest256>> policy_digest();

    // The hooks, on the loop or on the serial thread. `phase` and `kind` are ones it wants.
    [[nodiscard]] postern_rc ask(const Ask& ask, postern_verdict* out);
    void release(const postern_call& call, const postern_quota_request& request);
    void on_close(const postern_call& call, const postern_close& info);
    void cancel(postern_op op);  // the loop, holding no lock

    [[nodiscard]] HostHandle& handle() { return handle_; }
    [[nodiscard]] const Interfaces& interfaces() const { return interfaces_; }
    // Null unless it is SERIAL, and before start().
    [[nodiscard]] SerialThread* serial() const { return serial_.get(); }
    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] const std::string& version() const { return version_; }

    // Connections that have a slot here; none is destroyed before its on_close.
    void connection_began() { connections_.fetch_add(1, std::memory_order_relaxed); }
    void connection_ended() { connections_.fetch_sub(1, std::memory_order_release); }

    // drain() the first time, destroy() once it owes nothing. False: it still does; ask again, or
    // let it stay for good. Blocks no longer than the plugin does; not on a loop.
    [[nodiscard]] bool try_retire();

private:
    Instance(Environment& environment, const postern_descriptor& descriptor, HostContext context,
             config::Node::Shared configuration);

    // Calls into the plugin: named for the crash reporter, with its exceptions caught.
    template <class Call>
    postern_rc guarded_call(const char* what, Call call);
    template <class Call>
    postern_rc hook(const char* what, Call call);  // measured, too
    [[nodiscard]] Error failed(const char* step, postern_rc rc);
    void destroy();

    HostHandle handle_;
    postern_instance instance_{};
    Interfaces interfaces_;
    config::Node::Shared configuration_;
    const std::string version_;
    const std::uint32_t thread_model_;
    std::unique_ptr<SerialThread> serial_;
    std::atomic<std::uint64_t> connections_{0};
    bool started_ = false;
    bool drained_ = false;
    bool created_ = false;  // destroy() is owed
};

}  // namespace postern::plugin
