#include "core/plugin/environment.h"

#include <algorithm>
#include <utility>

#include "core/plugin/environment_state.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/services/clock.h"
#include "core/plugin/services/config.h"
#include "core/plugin/services/crypto.h"
#include "core/plugin/services/executor.h"
#include "core/plugin/services/log.h"
#include "core/plugin/services/store.h"
#include "core/plugin/services/x509.h"

namespace postern::plugin {

const HostContext& host_context(const postern_host* host) {
    return HostHandle::of(host).context;
}

Environment::State::State(const Clock& clock_to_use, WorkerPool& pool_to_use, std::string directory)
    : clock(clock_to_use), pool(pool_to_use), state_directory(std::move(directory)) {
    services.emplace(POSTERN_SERVICE_LOG, log_service());
    services.emplace(POSTERN_SERVICE_METRICS, metrics_service());
    services.emplace(POSTERN_SERVICE_CLOCK, clock_service());
    services.emplace(POSTERN_SERVICE_CONFIG, config_service());
    services.emplace(POSTERN_SERVICE_EXECUTOR, executor_service());
    services.emplace(POSTERN_SERVICE_STORE, store_service());
    services.emplace(POSTERN_SERVICE_X509, x509_service());
    services.emplace(POSTERN_SERVICE_CRYPTO, crypto_service());
}

std::optional<std::size_t> Environment::State::loop_index(const Scheduler& scheduler) {
    for (std::size_t i = 0; i < std::min(loops, kMaxLoops); ++i) {
        const Scheduler* known = known_loops_[i].load(std::memory_order_acquire);
        if (known == nullptr && known_loops_[i].compare_exchange_strong(known, &scheduler)) {
            return i;
        }
        if (known == &scheduler) return i;
    }
    return std::nullopt;
}

Environment::Environment(const Clock& clock, WorkerPool& pool, std::string state_directory)
    : state_(std::make_unique<State>(clock, pool, std::move(state_directory))) {}

Environment::~Environment() {
    settle();
    if (!state_->abandoned.load()) return;
    static auto* kept = new std::vector<std::unique_ptr<State>>;
    kept->push_back(std::move(state_));
}

void Environment::set_loops(std::size_t count) {
    state_->loops = std::max<std::size_t>(count, 1);
}

void Environment::settle() {
    state_->retirement.settle();
}

std::set<std::string> Environment::settle_until(std::chrono::steady_clock::time_point until) {
    static_cast<void>(state_->retirement.settle_until(until));
    return state_->owing.names();
}

std::vector<MetricValue> Environment::metrics() const {
    return state_->metrics.values();
}

void Environment::register_service(std::string id, const void* table) {
    state_->services.insert_or_assign(std::move(id), table);
}

const void* Environment::service(std::string_view id) const {
    const auto found = state_->services.find(id);
    return found == state_->services.end() ? nullptr : found->second;
}

void Environment::on_changed(std::function<void(const Changed&)> listener) {
    const std::lock_guard lock(state_->mutex);
    state_->changed_listener = std::move(listener);
}

void Environment::changed(const Changed& change) const {
    std::function<void(const Changed&)> listener;
    {
        const std::lock_guard lock(state_->mutex);
        listener = state_->changed_listener;
    }
    if (listener) listener(change);
}

const Clock& Environment::clock() const {
    return state_->clock;
}
WorkerPool& Environment::pool() const {
    return state_->pool;
}
const std::string& Environment::state_directory() const {
    return state_->state_directory;
}

}  // namespace postern::plugin
