#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/worker_pool.h"
#include "core/gate/generation.h"
#include "core/gate/loop_thread.h"
#include "core/net/fetch.h"
#include "core/net/listen_socket.h"

namespace postern::gate {

// A running gate: loops, listening sockets, the generation that serves. Main thread, but for
// on_work.
class Gate {
public:
    // `on_work` is called from any thread when handle_changes() has something to do.
    [[nodiscard]] static Result<std::unique_ptr<Gate>> create(
        const config::Configuration& configuration, std::function<void()> on_work);
    ~Gate();

    // What --check says. Builds everything and opens no socket; plugins are started, since some
    // read their files only then, as they are beside a running generation at a reload.
    [[nodiscard]] Result<void> check(config::Configuration configuration);
    [[nodiscard]] Result<void> start(config::Configuration configuration);
    // The next generation beside the old one: swapped in whole, or the old one stays and the error
    // says why. Sockets whose address stays are never closed.
    [[nodiscard]] Result<void> reload(config::Configuration configuration);
    // What plugins said of themselves: their policy or their facts changed.
    void handle_changes();

    void begin_drain();
    [[nodiscard]] std::uint64_t open_connections() const;
    void stop();  // cuts what is left, ends the plugins, 10 s at most, then the loops
    // After stop(): who did not end. When there are any, the gate must not be destroyed.
    [[nodiscard]] const std::set<std::string>& owing_plugins() const { return owing_; }

    [[nodiscard]] std::uint64_t drain_timeout_ns() const;

private:
    struct OpenListener {
        std::string key;  // the address as configured: what a reload compares
        net::ListenSockets sockets;
        std::shared_ptr<net::ListenerCounters> counters;
    };

    Gate(const config::Configuration& configuration, std::function<void()> on_work);

    [[nodiscard]] Surroundings surroundings();
    [[nodiscard]] Result<void> create_loops();
    [[nodiscard]] Result<OpenListener> open(const config::Listener& settings) const;
    [[nodiscard]] Result<void> open_missing(const Generation& generation,
                                            std::map<std::string, OpenListener>& opened) const;
    void attach(const std::string& name, OpenListener listener,
                const net::ListenerPolicyRef& policy);
    void close_listener(const std::string& name);
    void spread(const std::string& name, const net::ListenerPolicyRef& policy);

    std::function<void()> on_work_;
    WorkerPool pool_;
    plugin::Environment environment_;
    plugin::Loader loader_;
    net::Fetcher fetcher_;
    SessionTables sessions_;
    RouteStandings standings_;
    upstream::Registry upstreams_;
    std::vector<std::unique_ptr<LoopThread>> loops_;
    std::map<std::string, OpenListener> listeners_;  // by name
    std::optional<Generation> generation_;
    std::set<std::string> owing_;
    bool running_ = false;

    std::mutex mutex_;
    std::map<std::string, std::uint32_t> changes_;  // by listener: POSTERN_CHANGED_*; under mutex_
};

}  // namespace postern::gate
