#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/configuration.h"
#include "core/gate/session_owners.h"
#include "core/net/exchange.h"

namespace postern::gate {

// What one route of a generation leads to.
struct RouteTarget {
    config::Route route;
    std::shared_ptr<net::Upstream> upstream;
    std::shared_ptr<SessionOwners> sessions;
    std::string authorization;  // what replaces the client's, if the route has a file for it
    std::string contact;
};
using RouteTargetRef = std::shared_ptr<const RouteTarget>;

// Finds a listener's route by host and path. Immutable; any thread.
class RouteTable {
public:
    struct Place {
        RouteTargetRef target;       // null: none
        std::size_t well_known = 0;  // how much of the path stands before the route's
    };

    explicit RouteTable(std::vector<RouteTargetRef> routes);

    // The longest path wins; of equals, the one with a host.
    //
    // What a client of OAuth asks for at the origin belongs to the route whose path follows the
    // well-known part (RFC 9728 section 3.1, RFC 8414 section 3.1); with none behind it, to the
    // route with the shortest path, one with this host before one for any. An MCP server over HTTP
    // answers it, or nobody does.
    [[nodiscard]] Place find(std::string_view host, std::string_view path) const;

private:
    [[nodiscard]] RouteTargetRef by_path(std::string_view host, std::string_view path) const;
    [[nodiscard]] RouteTargetRef at_origin(std::string_view host) const;

    std::vector<RouteTargetRef> routes_;  // longest path first
};

}  // namespace postern::gate
