#include "core/plugin/pipeline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <utility>

#include "core/base/log.h"
#include "core/plugin/module_adoption.h"
#include "core/plugin/pipeline_state.h"
#include "core/plugin/policy_digest.h"

namespace postern::plugin {
namespace {

constexpr std::chrono::seconds kRetirementBound{10};

Error at_entry(const config::PipelineEntry& entry, const Error& error) {
    const std::string place =
        entry.position.line != 0 ? entry.position.text() + ": " : std::string();
    return {error.fault, place + "plugin \"" + entry.plugin + "\": " + error.message};
}

// The one it describes; of several, the one that is named like the file.
Result<const postern_descriptor*> choose(const LoadedModule& module, const std::string& name) {
    if (module.descriptors.size() == 1) return &module.descriptors.front();
    std::string ids;
    for (const postern_descriptor& descriptor : module.descriptors) {
        const std::string id = descriptor.id;
        if (id == name || id.ends_with("." + name)) return &descriptor;
        ids += ids.empty() ? id : ", " + id;
    }
    return configuration_error("describes several plugins (" + ids +
                               ") and none whose id ends like the file's name");
}

Result<void> check_services(const Environment& environment, const postern_descriptor& descriptor) {
    for (const std::string& id : id_list(descriptor.services)) {
        if (environment.service(id) == nullptr) {
            return configuration_error("needs the service " + id +
                                       ", which this Postern does not have");
        }
    }
    return {};
}

Result<PipelineSeat> build_entry(Loader& loader, Environment& environment,
                                 const config::PipelineEntry& settings, const std::string& listener,
                                 Role role) {
    auto module = loader.load(settings.file.empty() ? settings.plugin : settings.file);
    if (!module) return module.error();
    auto descriptor = choose(**module, settings.short_name);
    if (!descriptor) return descriptor.error();
    if (auto services = check_services(environment, **descriptor); !services) {
        return services.error();
    }
    PipelineSeat seat;
    seat.settings = settings;
    if (!seat.settings.config) {
        seat.settings.config = config::empty_table("config", settings.position);
    }
    seat.plugin_id = (*descriptor)->id;
    seat.thread_model = (*descriptor)->thread_model;
    const bool per_loop = seat.thread_model == POSTERN_THREADS_PER_LOOP;
    const std::size_t count = per_loop ? environment.state().loops : 1;
    for (std::size_t i = 0; i < count; ++i) {
        HostContext context;
        context.plugin_id = seat.plugin_id;
        context.short_name = settings.short_name;
        context.listener = listener;
        context.role = role == Role::client ? POSTERN_ROLE_CLIENT : POSTERN_ROLE_SERVER;
        auto instance = Instance::create(environment, **module, **descriptor, std::move(context),
                                         seat.settings.config);
        if (!instance) return instance.error();
        seat.instances.push_back(std::move(*instance));
        if (auto configured = seat.instances.back()->configure(); !configured) {
            return configured.error();
        }
    }
    return seat;
}

// What still owes an answer must stay for good, with all that it may still look at.
void keep_for_ever(std::shared_ptr<Instance> instance) {
    struct Kept {
        std::shared_ptr<Instance> instance;
        std::vector<std::shared_ptr<Ask>> asks;
    };
    static auto* kept = new std::vector<Kept>;  // the retirement thread only
    log::write(LogLevel::error, instance->handle().log_source,
               "the plugin still owes an answer after its time to drain; it is left as it is");
    instance->handle().environment.abandoned.store(true);
    auto asks = instance->handle().operations.abandon();
    instance->handle().tasks->close();
    kept->push_back({std::move(instance), std::move(asks)});
}

// A pipeline's instances on the retirement thread. Its state may outlive this in a connection that
// is closing; the plugins do not.
class Leaving {
public:
    explicit Leaving(std::shared_ptr<Pipeline::State> state) : state_(std::move(state)) {
        for (const PipelineSeat& seat : state_->entries) {
            left_.insert(left_.end(), seat.instances.begin(), seat.instances.end());
        }
    }

    bool look(Patience patience) {
        std::erase_if(
            left_, [&](const std::shared_ptr<Instance>& instance) { return retired(*instance); });
        if (patience == Patience::over) {
            for (const std::shared_ptr<Instance>& instance : left_) keep_for_ever(instance);
            left_.clear();
        }
        return left_.empty();
    }

private:
    // Named among those who owe something before its first call, which may not come back.
    bool retired(Instance& instance) {
        Environment::State& environment = state_->environment.state();
        const std::string& name = instance.handle().context.short_name;
        if (asked_.insert(&instance).second) environment.owing.add(name);
        if (!instance.try_retire()) return false;
        environment.owing.remove(name);
        return true;
    }

    std::shared_ptr<Pipeline::State> state_;
    std::vector<std::shared_ptr<Instance>> left_;
    std::set<const Instance*> asked_;
};

}  // namespace

postern_conn_id next_connection_id() {
    static std::atomic<postern_conn_id> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

void Pipeline::State::plan() {
    constexpr AskKind kOrder[] = {AskKind::validator, AskKind::pinning, AskKind::revocation,
                                  AskKind::limiter};
    for (std::uint32_t phase = POSTERN_PHASE_ACCEPT; phase < POSTERN_PHASE_CLOSE; ++phase) {
        if (role == Role::client && phase != POSTERN_PHASE_PEER_CERTIFICATE &&
            phase != POSTERN_PHASE_ESTABLISHED)
            continue;
        for (std::size_t entry = 0; entry < entries.size(); ++entry) {
            const Interfaces& tables = entries[entry].instances.front()->interfaces();
            for (const AskKind kind : kOrder) {
                if (!tables.wants(phase, kind)) continue;
                steps_[phase].push_back({entry, kind});
                limits_ = limits_ || kind == AskKind::limiter;
            }
        }
    }
}

Instance* Pipeline::State::instance_for(std::size_t entry, Scheduler& scheduler) const {
    const PipelineSeat& seat = entries[entry];
    if (seat.thread_model != POSTERN_THREADS_PER_LOOP) return seat.instances.front().get();
    const auto loop = environment.state().loop_index(scheduler);
    return loop && *loop < seat.instances.size() ? seat.instances[*loop].get() : nullptr;
}

Result<std::shared_ptr<Pipeline>> Pipeline::build(Loader& loader, Environment& environment,
                                                  const std::vector<config::PipelineEntry>& entries,
                                                  const std::string& name, Role role) {
    auto state = std::make_shared<State>(environment, role);
    state->listener = name;
    for (const config::PipelineEntry& settings : entries) {
        auto seat = build_entry(loader, environment, settings, name, role);
        if (!seat) return at_entry(settings, seat.error());
        state->entries.push_back(std::move(*seat));
    }
    state->plan();
    return std::shared_ptr<Pipeline>(new Pipeline(std::move(state)));
}

Pipeline::Pipeline(std::shared_ptr<State> state) : state_(std::move(state)) {}

Pipeline::~Pipeline() {
    if (state_->entries.empty()) return;
    state_->environment.state().retirement.retire(
        [leaving = std::make_shared<Leaving>(state_)](Patience patience) {
            return leaving->look(patience);
        },
        std::chrono::steady_clock::now() + kRetirementBound);
}

Result<void> Pipeline::start() {
    for (PipelineSeat& seat : state_->entries) {
        for (const std::shared_ptr<Instance>& instance : seat.instances) {
            if (auto started = instance->start(); !started) {
                return at_entry(seat.settings, started.error());
            }
        }
    }
    return {};
}

Result<Digest256> Pipeline::policy_digest() {
    return digest_of(*state_);
}

bool Pipeline::wants(std::uint32_t phase) const {
    return !state_->steps(phase).empty();
}
bool Pipeline::empty() const {
    return state_->entries.empty();
}

}  // namespace postern::plugin
