// What it costs to ask one in-process plugin that answers at once, without I/O.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include <benchmark/benchmark.h>

#include "core/base/clock.h"
#include "core/base/worker_pool.h"
#include "core/plugin/environment.h"
#include "core/plugin/loader.h"
#include "core/plugin/pipeline.h"

namespace {

using namespace postern;
using namespace postern::plugin;

class StillScheduler final : public Scheduler {
public:
    void post(Task task) override { task(); }
    [[nodiscard]] std::uint64_t now_ns() const override { return 1'000'000'000; }
    TimerId run_at(std::uint64_t, Task) override { return 1; }
    void cancel(TimerId) override {}
};

void ask_request(benchmark::State& state) {
    StillScheduler scheduler;
    WorkerPool pool(1, 16);
    Environment environment(system_clock(), pool, "/nonexistent/state");
    Loader loader(POSTERN_TEST_PLUGINS);
    std::vector<config::PipelineEntry> entries;
    for (long i = 0; i < state.range(0); ++i) {
        config::PipelineEntry entry;
        entry.plugin = "validator_parallel";
        entry.short_name = "x" + std::to_string(i);
        entries.push_back(entry);
    }
    auto built = Pipeline::build(loader, environment, entries, "main", Role::server);
    if (!built || !(*built)->start()) {
        std::fputs("the plugin cannot be loaded\n", stderr);
        std::exit(1);
    }
    const std::shared_ptr<Pipeline> pipeline = std::move(*built);
    auto request = std::make_shared<Request>();
    request->method = "tools/call";
    {
        ConnectionPipeline connection(pipeline, scheduler, {});
        for (auto _ : state) {
            auto outcome = connection.request(request, [](Outcome) {});
            benchmark::DoNotOptimize(outcome);
            connection.request_finished();
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ask_request)->Arg(0)->Arg(1)->Arg(4);

}  // namespace

BENCHMARK_MAIN();
