#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/worker_pool.h"
#include "core/config/node.h"
#include "postern/plugin.h"

namespace postern::plugin {

// What services outside this room (fetch) may know of the instance that calls them, found from its
// postern_host handle. Valid as long as the handle.
struct HostContext {
    std::string plugin_id;
    std::string short_name;  // for log and metrics
    std::string listener;
    std::uint32_t role = POSTERN_ROLE_SERVER;
    const config::Node* configuration = nullptr;  // the entry's config table
    std::string store_directory;  // where postern.store/1 keeps this instance's values
};
[[nodiscard]] const HostContext& host_context(const postern_host* host);

// One number that a plugin, or the host about it, keeps.
struct MetricValue {
    std::string name;  // with the prefix postern_plugin_<name>_
    std::string help;
    std::uint32_t kind = 0;  // POSTERN_METRIC_*
    std::int64_t value = 0;
};

// What instances run in: one for the process. Owns nothing of what it refers to.
class Environment {
public:
    struct Changed {
        std::string listener;
        std::string plugin;
        std::uint32_t what = 0;  // POSTERN_CHANGED_*
    };

    Environment(const Clock& clock, WorkerPool& pool, std::string state_directory);
    // Waits for what is retiring (see settle), then stops the timer thread.
    ~Environment();

    // How many loops will ask: a PER_LOOP plugin gets as many instances. Before the first
    // Pipeline::build; 1 when never said. A loop beyond them counts as an error of the plugin.
    void set_loops(std::size_t count);

    // Waits until every pipeline that was let go of has been drained and destroyed, or given up for
    // good after its bound. The loops that asked them must still run. Not from a loop.
    void settle();
    // The same, but not beyond `until` (and a moment to give up): for the end of the process. The
    // plugins that still owe something, now or since they were given up. When there are any, the
    // process must end without destructors, since they may call whatever they were given.
    [[nodiscard]] std::set<std::string> settle_until(std::chrono::steady_clock::time_point until);

    [[nodiscard]] std::vector<MetricValue> metrics() const;  // any thread

    // Services from the rooms below, e.g. postern.fetch/1 from net; before the first
    // Pipeline::build.
    void register_service(std::string id, const void* table);
    [[nodiscard]] const void* service(std::string_view id) const;

    // Called from any thread when a plugin says that its answers changed; must not block.
    void on_changed(std::function<void(const Changed&)> listener);
    void changed(const Changed& change) const;

    [[nodiscard]] const Clock& clock() const;
    [[nodiscard]] WorkerPool& pool() const;
    [[nodiscard]] const std::string& state_directory() const;

    class State;
    [[nodiscard]] State& state() const { return *state_; }

private:
    std::unique_ptr<State> state_;
};

}  // namespace postern::plugin
