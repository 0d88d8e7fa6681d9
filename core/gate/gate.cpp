#include "core/gate/gate.h"

#include <chrono>

#include <sched.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/upstream/child/reaper.h"

namespace postern::gate {
namespace {

constexpr std::size_t kPoolThreads = 4;
constexpr std::size_t kMaxPoolTasks = 4096;
constexpr std::chrono::seconds kWaitForPlugins{10};
constexpr std::uint64_t kWaitForChildrenNs = 2'000'000'000;

// One loop for each core this process may run on.
std::size_t loop_count() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? static_cast<std::size_t>(count) : 1;
}

std::string address_key(const config::Listener& settings) {
    if (!settings.unix_path.empty()) return "unix:" + settings.unix_path;
    return settings.host + "|" + std::to_string(settings.port);
}

}  // namespace

Result<std::unique_ptr<Gate>> Gate::create(const config::Configuration& configuration,
                                           std::function<void()> on_work) {
    std::unique_ptr<Gate> gate(new Gate(configuration, std::move(on_work)));
    if (auto created = gate->create_loops(); !created) return std::move(created).error();
    return gate;
}

Gate::Gate(const config::Configuration& configuration, std::function<void()> on_work)
    : on_work_(std::move(on_work)),
      pool_(kPoolThreads, kMaxPoolTasks),
      environment_(system_clock(), pool_, configuration.state_directory),
      loader_(configuration.plugin_directory),
      fetcher_(environment_),
      upstreams_(pool_, loader_, environment_) {
    environment_.register_service(POSTERN_SERVICE_FETCH, net::Fetcher::table());
    environment_.on_changed([this](const plugin::Environment::Changed& change) {
        {
            const std::lock_guard lock(mutex_);
            changes_[change.listener] |= change.what;
        }
        on_work_();
    });
}

Gate::~Gate() {
    stop();
}

Surroundings Gate::surroundings() {
    std::vector<net::Loop*> loops;
    for (const auto& loop : loops_) loops.push_back(&loop->loop());
    return {environment_, loader_, std::move(loops), sessions_, standings_, upstreams_};
}

Result<void> Gate::create_loops() {
    const std::size_t count = loop_count();
    environment_.set_loops(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto loop = LoopThread::create(i);
        if (!loop) return std::move(loop).error();
        loops_.push_back(std::move(*loop));
    }
    return {};
}

Result<void> Gate::check(config::Configuration configuration) {
    auto generation = Generation::build(std::move(configuration), surroundings());
    if (!generation) return std::move(generation).error();
    return {};
}

Result<void> Gate::start(config::Configuration configuration) {
    auto generation = Generation::build(std::move(configuration), surroundings());
    if (!generation) return std::move(generation).error();
    // Before the plugins start: an address in use must not have had effects.
    std::map<std::string, OpenListener> opened;
    if (auto open = open_missing(*generation, opened); !open) return open;
    for (const auto& loop : loops_) loop->start();
    running_ = true;
    if (auto started = generation->start(); !started) return started;
    generation_.emplace(std::move(*generation));
    for (const ListenerGeneration& listener : generation_->listeners()) {
        const std::string& name = listener.policy->settings.name;
        attach(name, std::move(opened.at(name)), listener.policy);
    }
    return {};
}

Result<void> Gate::reload(config::Configuration configuration) {
    if (configuration.state_directory != generation_->configuration().state_directory) {
        return configuration_error(
            configuration.file +
            ": state_directory: cannot change while the gate runs; restart it");
    }
    auto next = Generation::build(std::move(configuration), surroundings());
    if (!next) return std::move(next).error();
    std::map<std::string, OpenListener> opened;
    if (auto open = open_missing(*next, opened); !open) return open;
    if (auto started = next->start(); !started) return started;

    // From here on nothing fails.
    std::optional<Generation> old = std::move(generation_);
    generation_.emplace(std::move(*next));
    standings_.keep_only(generation_->configuration());
    std::map<std::string, net::ListenerPolicyRef> kept;
    for (const ListenerGeneration& listener : generation_->listeners()) {
        kept.emplace(listener.policy->settings.name, listener.policy);
    }
    std::vector<std::string> gone;
    for (const auto& [name, listener] : listeners_) {
        if (!kept.contains(name) || opened.contains(name)) gone.push_back(name);
    }
    for (const std::string& name : gone) close_listener(name);
    for (const auto& [name, policy] : kept) {
        if (const auto listener = opened.find(name); listener != opened.end()) {
            attach(name, std::move(listener->second), policy);
        } else {
            spread(name, policy);
        }
    }
    generation_->review_upstreams();
    return {};
}

void Gate::handle_changes() {
    std::map<std::string, std::uint32_t> changes;
    {
        const std::lock_guard lock(mutex_);
        changes.swap(changes_);
    }
    for (const auto& [name, what] : changes) {
        if (!listeners_.contains(name)) {
            if (generation_) generation_->review_upstream(name);
            continue;
        }
        if ((what & POSTERN_CHANGED_POLICY) != 0) {
            auto policy = generation_->renew_digest(name);
            if (!policy) {
                log::write(LogLevel::error, "gate", "a plugin's policy digest cannot be had",
                           {{"listener", name}, {"detail", policy.error().message}});
                continue;
            }
            spread(name, *policy);  // asks about live identities as well
            continue;
        }
        for (const auto& loop : loops_) {
            loop->post([loop = loop.get(), name = name] {
                if (const auto acceptor = loop->acceptors.find(name);
                    acceptor != loop->acceptors.end()) {
                    acceptor->second->review();
                }
            });
        }
    }
}

void Gate::begin_drain() {
    if (generation_) generation_->retire_upstreams();
    for (const auto& loop : loops_) {
        loop->run([&loop] {
            for (const auto& [name, acceptor] : loop->acceptors) acceptor->drain();
        });
    }
    // Whoever comes now is refused and goes elsewhere, rather than waiting for nothing.
    for (auto& [name, listener] : listeners_) listener.sockets.close();
}

std::uint64_t Gate::open_connections() const {
    std::uint64_t count = 0;
    for (const auto& [name, listener] : listeners_) count += listener.counters->open.load();
    return count;
}

void Gate::stop() {
    if (!running_) return;
    running_ = false;
    for (const auto& loop : loops_) {
        loop->run([&loop] {
            for (const auto& [name, acceptor] : loop->acceptors) {
                acceptor->cut_all(POSTERN_REASON_SHUTDOWN);
            }
        });
    }
    for (const auto& loop : loops_) loop->run([&loop] { loop->acceptors.clear(); });
    generation_.reset();
    // What upstreams gave back to their loops holds pipelines.
    for (const auto& loop : loops_) loop->run([] {});
    owing_ = environment_.settle_until(std::chrono::steady_clock::now() + kWaitForPlugins);
    for (const auto& loop : loops_) loop->stop();
    if (!upstream::ChildReaper::kill_all(kWaitForChildrenNs)) {
        log::write(LogLevel::warning, "gate", "a child process could not be ended");
    }
    listeners_.clear();
}

std::uint64_t Gate::drain_timeout_ns() const {
    return generation_ ? generation_->configuration().drain_timeout_ns : 0;
}

Result<Gate::OpenListener> Gate::open(const config::Listener& settings) const {
    auto sockets = settings.unix_path.empty()
                       ? net::listen_tcp(settings.host, settings.port, loops_.size())
                       : net::listen_unix(settings.unix_path);
    if (!sockets) {
        return Error{sockets.error().fault, settings.position.text() + ": listener \"" +
                                                settings.name + "\": " + sockets.error().message};
    }
    return OpenListener{address_key(settings), std::move(*sockets),
                        std::make_shared<net::ListenerCounters>()};
}

Result<void> Gate::open_missing(const Generation& generation,
                                std::map<std::string, OpenListener>& opened) const {
    for (const ListenerGeneration& listener : generation.listeners()) {
        const config::Listener& settings = listener.policy->settings;
        const auto standing = listeners_.find(settings.name);
        if (standing != listeners_.end() && standing->second.key == address_key(settings)) continue;
        auto made = open(settings);
        if (!made) return std::move(made).error();
        opened.emplace(settings.name, std::move(*made));
    }
    return {};
}

void Gate::attach(const std::string& name, OpenListener listener,
                  const net::ListenerPolicyRef& policy) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        LoopThread& loop = *loops_[i];
        const auto& sockets = listener.sockets.sockets;
        const int socket = sockets[i % sockets.size()].get();
        loop.run([&] {
            auto acceptor = std::make_unique<net::Acceptor>(loop.loop(), loop.buffers(), socket,
                                                            listener.counters, policy);
            if (auto started = acceptor->start(); !started) {
                log::write(LogLevel::error, "gate", "a loop cannot accept",
                           {{"listener", name}, {"detail", started.error().message}});
            }
            loop.acceptors[name] = std::move(acceptor);
        });
    }
    log::write(LogLevel::notice, "gate", "listening",
               {{"listener", name},
                {"address", listener.sockets.address},
                {"tls", policy->tls ? policy->settings.tls.policy : "off"}});
    if (policy->tls && policy->tls->trust() == config::Trust::pin) {
        log::write(LogLevel::warning, "gate",
                   "trust = \"pin\": certificates without a chain are taken when they are pinned",
                   {{"listener", name}});
    }
    listeners_.insert_or_assign(name, std::move(listener));
}

void Gate::close_listener(const std::string& name) {
    for (const auto& loop : loops_) {
        loop->run([&] {
            if (const auto acceptor = loop->acceptors.find(name);
                acceptor != loop->acceptors.end()) {
                acceptor->second->drain();
                acceptor->second->cut_all(POSTERN_REASON_SHUTDOWN);
                loop->acceptors.erase(acceptor);
            }
        });
    }
    log::write(LogLevel::notice, "gate", "no longer listening",
               {{"listener", name}, {"address", listeners_.at(name).sockets.address}});
    listeners_.erase(name);
}

void Gate::spread(const std::string& name, const net::ListenerPolicyRef& policy) {
    // Waits: once a reload is said to be done, no connection meets the old generation any more.
    for (const auto& loop : loops_) {
        loop->run([&] {
            if (const auto acceptor = loop->acceptors.find(name);
                acceptor != loop->acceptors.end()) {
                acceptor->second->set_policy(policy);
            }
        });
    }
}

}  // namespace postern::gate
