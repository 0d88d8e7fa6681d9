#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/plugin/environment.h"
#include "core/plugin/loader.h"
#include "core/plugin/pipeline.h"
#include "core/tls/client_context.h"
#include "core/upstream/http/server_connections.h"

namespace postern::upstream {

// A route's way out over TLS: the gate's end of it and what the plugins say of the other.
struct Outbound {
    std::string name;  // of the pipeline
    std::shared_ptr<const tls::ClientContext> context;
    std::shared_ptr<plugin::Pipeline> pipeline;                   // of Role::client
    std::vector<std::shared_ptr<ServerConnections>> connections;  // by Loop::index()
};

// The connections that live by the name of their way out: a generation judges those of the one
// before it as well. One for the process. Main thread.
class OutboundConnections {
public:
    [[nodiscard]] std::vector<std::shared_ptr<ServerConnections>> of(const std::string& name,
                                                                     std::size_t loops);

private:
    std::map<std::string, std::vector<std::shared_ptr<ServerConnections>>> by_name_;
};

// No listener has such a name, and no two routes the same.
[[nodiscard]] std::string outbound_name(const std::string& listener, const std::string& route);

// Reads the files and configures the plugins; nothing has effects yet. The error says where in the
// configuration. Blocks.
[[nodiscard]] Result<Outbound> make_outbound(
    const config::ClientTls& settings, std::string name,
    std::vector<std::shared_ptr<ServerConnections>> connections, plugin::Loader& loader,
    plugin::Environment& environment);

}  // namespace postern::upstream
