#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/gate/surroundings.h"
#include "core/net/exchange.h"

namespace postern::gate {

// What stands behind a listener: checks Host and Origin, finds the route, looks into the MCP
// message, asks the pipeline's request phase for each of them, and hands over to the route's
// upstream. `server_names`: what the listener's certificates name, the default for allowed_hosts;
// `contact`: whom those who are refused may ask. Reads files; blocks.
[[nodiscard]] Result<std::shared_ptr<net::Upstream>> make_router(
    const config::Listener& listener, std::vector<std::string> server_names,
    const std::string& contact, const Surroundings& surroundings, upstream::Upstreams& upstreams);

}  // namespace postern::gate
