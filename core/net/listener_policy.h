#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "core/base/bytes.h"
#include "core/config/configuration.h"
#include "core/net/exchange.h"
#include "core/plugin/pipeline.h"
#include "core/tls/server_context.h"

namespace postern::net {

// What one generation of the configuration says about a listener: immutable, shared by all loops,
// swapped whole.
struct ListenerPolicy {
    config::Listener settings;
    std::shared_ptr<const tls::ServerContext> tls;  // null: plain HTTP
    std::shared_ptr<const plugin::Pipeline> pipeline;
    Digest256 plugin_policy{};           // into the ticket keys
    std::shared_ptr<Upstream> entrance;  // the routes: asked for every request
};
using ListenerPolicyRef = std::shared_ptr<const ListenerPolicy>;

// Shared by the loops of one listener.
struct ListenerCounters {
    std::atomic<std::uint32_t> open{0};
};

}  // namespace postern::net
