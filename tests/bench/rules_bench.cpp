// What a thousand rules cost one request, through the plugin's own ABI: the validator with rules of
// several shapes, the last of which decides.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "tests/unit/validator/rules_fixture.h"

namespace {

using namespace postern;
using namespace postern::fake;

constexpr int kRules = 1000;
constexpr const char* kAlice = "spiffe://corp.example/alice";

const postern_log* quiet() {
    static const postern_log table{
        sizeof(postern_log), 0, [](const postern_host*) { return POSTERN_LOG_NOTICE; },
        [](const postern_host*, uint32_t, postern_str, const postern_kv*, size_t) {}};
    return &table;
}

FakeNode of_other_identities(int i) {
    const bool last = i == kRules - 1;
    return rule({{"identity", last ? kAlice : "spiffe://corp.example/x/" + std::to_string(i)},
                 {"tools", "read_*"}});
}
FakeNode of_patterns_of_identities(int i) {
    const bool last = i == kRules - 1;
    return rule({{"identity", last ? "spiffe://corp.example/*"
                                   : "spiffe://corp.example/" + std::to_string(i) + "/**"},
                 {"tools", "read_*"}});
}
FakeNode of_other_tools(int i) {
    const bool last = i == kRules - 1;
    return rule({{"identity", kAlice}, {"tools", last ? "read_file" : "x" + std::to_string(i)}});
}
FakeNode of_other_prefixes(int i) {
    const bool last = i == kRules - 1;
    return rule(
        {{"identity", kAlice}, {"tools", last ? "read_*" : "x" + std::to_string(i) + "_*"}});
}
FakeNode of_other_routes(int i) {
    const bool last = i == kRules - 1;
    return rule({{"identity", kAlice}, {"route", last ? "files" : "r" + std::to_string(i)}});
}

class Quiet : public RulesFixture {
public:
    explicit Quiet(FakeNode (*make)(int)) {
        std::vector<FakeNode> all;
        for (int i = 0; i < kRules; ++i) all.push_back(make(i));
        if (instance().configure(rules(std::move(all))) != POSTERN_OK) std::abort();
    }
};

void request(benchmark::State& state, FakeNode (*make)(int)) {
    Quiet fixture(make);
    fixture.host.provide(POSTERN_SERVICE_LOG, quiet());
    for (auto _ : state) {
        const Answer answer = fixture.ask("tools/call", "read_file");
        if (answer.action != POSTERN_ACTION_ALLOW) state.SkipWithError("refused");
    }
}
BENCHMARK_CAPTURE(request, other_identities, of_other_identities);
BENCHMARK_CAPTURE(request, patterns_of_identities, of_patterns_of_identities);
BENCHMARK_CAPTURE(request, other_tools, of_other_tools);
BENCHMARK_CAPTURE(request, other_prefixes, of_other_prefixes);
BENCHMARK_CAPTURE(request, other_routes, of_other_routes);

// Once for each connection, in the handshake.
void identity(benchmark::State& state, FakeNode (*make)(int)) {
    Quiet fixture(make);
    for (auto _ : state) {
        const Answer answer = fixture.come(RulesFixture::kFlags | POSTERN_CALL_REVIEW);
        benchmark::DoNotOptimize(answer);
    }
}
BENCHMARK_CAPTURE(identity, other_identities, of_other_identities);
BENCHMARK_CAPTURE(identity, patterns_of_identities, of_patterns_of_identities);

}  // namespace

BENCHMARK_MAIN();
