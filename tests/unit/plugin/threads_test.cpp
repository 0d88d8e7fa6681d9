// The pipeline on a scheduler with a thread of its own, as the daemon runs it.
#include <future>
#include <memory>

#include <boost/test/unit_test.hpp>

#include "tests/unit/plugin/bench.h"

namespace postern::plugin::test {
namespace {

class ThreadScheduler final : public Scheduler {
public:
    ThreadScheduler() : thread_([this] { run(); }) {}
    ~ThreadScheduler() override {
        post([this] { ending_ = true; });
        thread_.join();
    }
    void post(Task task) override {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        changed_.notify_all();
    }
    [[nodiscard]] std::uint64_t now_ns() const override { return system_clock().monotonic_ns(); }
    TimerId run_at(std::uint64_t monotonic_ns, Task task) override {
        timers_.emplace(std::pair(monotonic_ns, ++last_), std::move(task));
        return last_;
    }
    void cancel(TimerId timer) override {
        std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
    }

private:
    void run() {
        while (!ending_) {
            std::deque<Task> tasks;
            {
                std::unique_lock lock(mutex_);
                changed_.wait_for(lock, std::chrono::milliseconds(1),
                                  [this] { return !tasks_.empty(); });
                tasks.swap(tasks_);
            }
            for (Task& task : tasks) task();
            while (!timers_.empty() && timers_.begin()->first.first <= now_ns()) {
                const Task task = std::move(timers_.begin()->second);
                timers_.erase(timers_.begin());
                task();
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    std::map<std::pair<std::uint64_t, TimerId>, Task> timers_;
    TimerId last_ = 0;
    bool ending_ = false;
    std::thread thread_;
};

// Until every task posted so far has run and is destroyed, with the pipelines it holds: the second
// task comes in a later batch than the first.
void settle(std::vector<ThreadScheduler>& loops) {
    for (ThreadScheduler& loop : loops) {
        for (int i = 0; i < 2; ++i) {
            // Shared: the waiter may be gone before set_value() has returned.
            const auto ran = std::make_shared<std::promise<void>>();
            loop.post([ran] { ran->set_value(); });
            ran->get_future().wait();
        }
    }
}

// `connections` on each of two loops, each asked once; how many were allowed.
int ask_all(const std::shared_ptr<Pipeline>& pipeline, std::vector<ThreadScheduler>& loops,
            int connections) {
    std::atomic<int> answered{0};
    std::atomic<int> allowed{0};
    for (ThreadScheduler& loop : loops) {
        for (int i = 0; i < connections; ++i) {
            loop.post([&, pipeline] {
                auto connection = std::make_shared<ConnectionPipeline>(pipeline, loop, facts());
                auto* asked = connection.get();
                const auto end = [&, connection](const Outcome& outcome) {
                    allowed += outcome.allowed;
                    ++answered;
                };
                if (const auto now = asked->accept(end)) end(*now);
            });
        }
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (answered != connections * static_cast<int>(loops.size()) &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    BOOST_TEST(answered == connections * static_cast<int>(loops.size()));
    settle(loops);
    return allowed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(two_loops_ask_at_once_and_every_connection_is_answered_and_closed) {
    constexpr int kConnections = 100;
    const std::pair<const char*, const char*> cases[] = {{"validator_parallel", "allow"},
                                                         {"validator_parallel", "thread"},
                                                         {"validator_parallel", "before_return"},
                                                         {"validator_parallel", "twice"},
                                                         {"validator_serial", "allow"},
                                                         {"validator_serial", "thread"},
                                                         {"limiter_serial", "allow"},
                                                         {"limiter_parallel", "thread"}};
    for (const auto& [plugin, behaviour] : cases) {
        std::vector<ThreadScheduler> loops(2);
        WorkerPool pool(2, 64);
        Environment environment(system_clock(), pool, "/nonexistent/state");
        Loader loader(POSTERN_TEST_PLUGINS);
        auto built = Pipeline::build(loader, environment, {entry(plugin, "x", behaviour)}, "main",
                                     Role::server);
        BOOST_REQUIRE(built.ok());
        auto pipeline = std::move(*built);
        BOOST_REQUIRE(pipeline->start().ok());
        BOOST_TEST(ask_all(pipeline, loops, kConnections) == 2 * kConnections);
        pipeline.reset();
        environment.settle();
        for (const MetricValue& value : environment.metrics()) {
            if (value.name == "postern_plugin_x_calls") BOOST_TEST(value.value == 2 * kConnections);
            const bool ends = value.name == (std::string(plugin).starts_with("limiter")
                                                 ? "postern_plugin_x_releases"
                                                 : "postern_plugin_x_closes");
            if (ends) BOOST_TEST(value.value == 2 * kConnections);
        }
    }
}

BOOST_AUTO_TEST_CASE(deadlines_that_race_with_answers_decide_each_once) {
    std::vector<ThreadScheduler> loops(2);
    WorkerPool pool(2, 64);
    Environment environment(system_clock(), pool, "/nonexistent/state");
    Loader loader(POSTERN_TEST_PLUGINS);
    auto racing = entry("limiter_parallel", "x", "thread");
    racing.timeout_ns = 100'000;
    auto built = Pipeline::build(loader, environment, {racing}, "main", Role::server);
    BOOST_REQUIRE(built.ok());
    auto pipeline = std::move(*built);
    BOOST_REQUIRE(pipeline->start().ok());
    static_cast<void>(ask_all(pipeline, loops, 200));
    pipeline.reset();
    environment.settle();
    std::map<std::string, std::int64_t> values;
    for (const MetricValue& value : environment.metrics()) values[value.name] = value.value;
    // Whatever complete() said OK to was given back, and nothing else.
    BOOST_TEST(values["postern_plugin_x_releases"] == values["postern_plugin_x_accepted"]);
    BOOST_TEST(values["postern_plugin_x_accepted"] + values["postern_plugin_x_stale"] == 400);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
