#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/worker_pool.h"
#include "core/config/configuration.h"
#include "core/net/exchange.h"
#include "core/plugin/environment.h"
#include "core/plugin/loader.h"
#include "core/upstream/child/gate_files.h"
#include "core/upstream/http/outbound.h"
#include "core/upstream/stdio/child.h"

namespace postern::upstream {

// What upstreams need of the gate around them.
struct UpstreamSurroundings {
    std::vector<net::Loop*> loops;  // by Loop::index(); they outlive the upstreams
    WorkerPool& pool;               // outlives the loops; children are started on it
    GateFiles gate_files;           // kept from children
    plugin::Loader& loader;
    plugin::Environment& environment;
    OutboundConnections& connections;
};

// What a listener's route leads to. Host names in URLs are resolved here, once, until the next
// reload, and certificates read: may block. The error names the URL or the key.
[[nodiscard]] Result<std::shared_ptr<net::Upstream>> make_upstream(
    const std::string& listener, const config::Route& route,
    const UpstreamSurroundings& surroundings);

// How the children of a stdio route are started; may block. For one that lives on while what is to
// be hidden from its children has changed.
[[nodiscard]] Result<StartChild> make_start(const config::Route& route,
                                            const UpstreamSurroundings& surroundings);

}  // namespace postern::upstream
