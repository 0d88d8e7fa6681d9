#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/base/clock.h"
#include "core/base/worker_pool.h"
#include "core/plugin/environment.h"
#include "core/plugin/loader.h"
#include "core/plugin/pipeline.h"

namespace postern::plugin::test {

// A scheduler whose time moves only when told; tasks may be posted by any thread.
class ManualScheduler final : public Scheduler {
public:
    void post(Task task) override {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(task));
        changed_.notify_all();
    }
    [[nodiscard]] std::uint64_t now_ns() const override { return now_ns_; }
    TimerId run_at(std::uint64_t monotonic_ns, Task task) override {
        timers_.emplace(std::pair(monotonic_ns, ++last_), std::move(task));
        return last_;
    }
    void cancel(TimerId timer) override {
        std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
    }

    void advance(std::uint64_t nanoseconds) {
        now_ns_ += nanoseconds;
        while (!timers_.empty() && timers_.begin()->first.first <= now_ns_) {
            const Task task = std::move(timers_.begin()->second);
            timers_.erase(timers_.begin());
            task();
        }
        run_posted();
    }
    // True: something ran.
    bool run_posted() {
        std::deque<Task> tasks;
        {
            const std::lock_guard lock(mutex_);
            tasks.swap(posted_);
        }
        for (Task& task : tasks) task();
        return !tasks.empty();
    }
    // Runs what comes until `condition` holds; false after ten seconds.
    bool run_until(const std::function<bool()>& condition) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            if (run_posted()) continue;
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, std::chrono::milliseconds(5),
                              [this] { return !posted_.empty(); });
        }
        return true;
    }
    [[nodiscard]] std::size_t timers() const { return timers_.size(); }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> posted_;
    std::map<std::pair<std::uint64_t, TimerId>, Task> timers_;
    TimerId last_ = 0;
    std::uint64_t now_ns_ = 1'000'000'000;
};

inline config::Node::Shared text_node(std::string text) {
    return std::make_shared<config::Node>(std::move(text), "key",
                                          config::Position{"test.toml", 3, 4});
}
inline config::Node::Shared number_node(std::int64_t number) {
    return std::make_shared<config::Node>(number, "key", config::Position{"test.toml", 3, 4});
}

using Keys = std::vector<std::pair<std::string, config::Node::Shared>>;

inline config::PipelineEntry entry(const std::string& plugin, const std::string& name,
                                   const std::string& behaviour, Keys more = {}) {
    config::PipelineEntry made;
    made.plugin = plugin;
    made.file = std::string(POSTERN_TEST_PLUGINS) + "/" + plugin + ".so";
    made.short_name = name;
    made.position = {"test.toml", 1, 1};
    if (!behaviour.empty()) more.emplace_back("behaviour", text_node(behaviour));
    made.config = std::make_shared<config::Node>(std::move(more), "config", made.position);
    return made;
}

struct Bench {
    Bench() : environment(system_clock(), pool, "/nonexistent/state") {}
    ~Bench() { settle(); }

    Result<std::shared_ptr<Pipeline>> try_build(const std::vector<config::PipelineEntry>& entries,
                                                Role role = Role::server) {
        return Pipeline::build(loader, environment, entries, "main", role);
    }
    std::shared_ptr<Pipeline> build(const std::vector<config::PipelineEntry>& entries,
                                    Role role = Role::server) {
        auto built = try_build(entries, role);
        if (!built) BOOST_FAIL(built.error().message);
        const auto started = (*built)->start();
        if (!started) BOOST_FAIL(started.error().message);
        return *built;
    }
    std::int64_t metric(const std::string& name) const {
        for (const MetricValue& value : environment.metrics()) {
            if (value.name == "postern_plugin_" + name) return value.value;
        }
        return -1;
    }
    // The loop runs while pipelines retire.
    void settle() {
        std::atomic<bool> settled{false};
        std::thread waiter([&] {
            environment.settle();
            settled = true;
        });
        while (!settled) {
            scheduler.run_until([&] { return settled.load(); });
        }
        waiter.join();
    }

    ManualScheduler scheduler;  // a loop outlives the pipelines that it asked
    WorkerPool pool{2, 256};
    Environment environment;
    Loader loader{POSTERN_TEST_PLUGINS};
};

inline ConnectionPipeline::Facts facts(postern_conn_id connection = 1) {
    ConnectionPipeline::Facts made;
    made.connection = connection;
    made.peer.family = POSTERN_AF_INET;
    return made;
}

inline std::shared_ptr<const PeerCertificate> certificate(std::size_t length = 1) {
    auto made = std::make_shared<PeerCertificate>();
    made->presented = length == 0
                          ? tls::Chain::empty()
                          : tls::Chain::from_certificates(std::vector<tls::Certificate>(length));
    return made;
}

inline std::shared_ptr<const Request> tool_call() {
    auto made = std::make_shared<Request>();
    made->route = "tools";
    made->identity = "CN=client";
    made->name_kind = POSTERN_NAME_TOOL;
    made->name = "add";
    return made;
}

// Keeps the outcome that comes later.
struct Later {
    ConnectionPipeline::Done done() {
        return [this](Outcome given) {
            outcome = std::move(given);
            ++times;
        };
    }
    std::optional<Outcome> outcome;
    int times = 0;
};

}  // namespace postern::plugin::test
