#include "core/gate/generation.h"

#include "core/gate/router.h"
#include "core/tls/server_context.h"

namespace postern::gate {
namespace {

Result<void> take_digest(ListenerGeneration& listener) {
    auto digest = listener.pipeline->policy_digest();
    if (!digest) return std::move(digest).error();
    auto policy = std::make_shared<net::ListenerPolicy>(*listener.policy);
    policy->plugin_policy = *digest;
    listener.policy = std::move(policy);
    return {};
}

Result<ListenerGeneration> build_listener(const config::Listener& settings,
                                          const std::string& contact,
                                          const Surroundings& surroundings,
                                          upstream::Upstreams& upstreams) {
    auto policy = std::make_shared<net::ListenerPolicy>();
    policy->settings = settings;
    std::vector<std::string> names;
    if (settings.use_tls) {
        auto tls = tls::ServerContext::create(settings);
        if (!tls) {
            return Error{tls.error().fault, settings.tls.position.text() + ": listener \"" +
                                                settings.name + "\": " + tls.error().message};
        }
        policy->tls = std::move(*tls);
        names = policy->tls->server_names();
    }
    auto pipeline = plugin::Pipeline::build(surroundings.loader, surroundings.environment,
                                            settings.pipeline, settings.name, plugin::Role::server);
    if (!pipeline) return std::move(pipeline).error();
    policy->pipeline = *pipeline;
    auto router = make_router(settings, std::move(names), contact, surroundings, upstreams);
    if (!router) return std::move(router).error();
    policy->entrance = std::move(*router);
    return ListenerGeneration{std::move(policy), std::move(*pipeline)};
}

}  // namespace

Generation::Generation(config::Configuration configuration, const Surroundings& surroundings)
    : configuration_(std::move(configuration)),
      upstreams_(surroundings.upstreams, surroundings.loops, upstream::gate_files(configuration_)) {
}

Result<Generation> Generation::build(config::Configuration configuration,
                                     const Surroundings& surroundings) {
    Generation generation(std::move(configuration), surroundings);
    for (const config::Listener& settings : generation.configuration_.listeners) {
        auto listener = build_listener(settings, generation.configuration_.contact, surroundings,
                                       generation.upstreams_);
        if (!listener) return std::move(listener).error();
        generation.listeners_.push_back(std::move(*listener));
    }
    return generation;
}

Result<void> Generation::start() {
    for (ListenerGeneration& listener : listeners_) {
        if (auto started = listener.pipeline->start(); !started) return started;
        if (auto taken = take_digest(listener); !taken) return taken;
    }
    return upstreams_.start();
}

Result<net::ListenerPolicyRef> Generation::renew_digest(const std::string& name) {
    for (ListenerGeneration& listener : listeners_) {
        if (listener.policy->settings.name != name) continue;
        if (auto taken = take_digest(listener); !taken) return std::move(taken).error();
        return listener.policy;
    }
    return internal_error("no listener \"" + name + "\"");
}

}  // namespace postern::gate
