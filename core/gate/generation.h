#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/gate/surroundings.h"
#include "core/net/listener_policy.h"
#include "core/plugin/pipeline.h"

namespace postern::gate {

// One listener of a generation.
struct ListenerGeneration {
    net::ListenerPolicyRef policy;
    std::shared_ptr<plugin::Pipeline> pipeline;
};

// Everything one reading of the configuration leads to: certificates, plugins, routes. Built beside
// the one that serves, then swapped in whole or thrown away whole. Main thread.
class Generation {
public:
    // Reads every file and configures every plugin; nothing has effects yet, so that --check stops
    // here. Errors are whole lines. Blocks.
    [[nodiscard]] static Result<Generation> build(config::Configuration configuration,
                                                  const Surroundings& surroundings);

    // Starts the plugins: from here on they have threads, timers and state.
    [[nodiscard]] Result<void> start();

    // A plugin's policy changed: the listener's policy with a new digest, so that tickets sealed
    // under the old one are worth nothing.
    [[nodiscard]] Result<net::ListenerPolicyRef> renew_digest(const std::string& listener);

    // The pipeline of a way out says that its answers changed.
    void review_upstream(const std::string& outbound) { upstreams_.review(outbound); }
    // It serves from now on.
    void review_upstreams() { upstreams_.review_all(); }
    // The gate drains: streams that wait for what may never come end.
    void retire_upstreams() { upstreams_.retire(); }

    [[nodiscard]] const config::Configuration& configuration() const { return configuration_; }
    [[nodiscard]] const std::vector<ListenerGeneration>& listeners() const { return listeners_; }

private:
    Generation(config::Configuration configuration, const Surroundings& surroundings);

    config::Configuration configuration_;
    upstream::Upstreams upstreams_;
    std::vector<ListenerGeneration> listeners_;
};

}  // namespace postern::gate
