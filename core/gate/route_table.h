#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/configuration.h"
#include "core/gate/route_standing.h"
#include "core/gate/session_owners.h"
#include "core/net/exchange.h"

namespace postern::gate {

// What one route of a generation leads to.
struct RouteTarget {
    config::Route route;
    std::shared_ptr<net::Upstream> upstream;
    std::shared_ptr<SessionOwners> sessions;
    std::shared_ptr<const RouteStanding> standing;
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
    //
    // Nobody also answers a path that leads elsewhere once it is folded: the server behind one
    // route may take it for another's ("/files/Admin" for "/files/admin") and never hear of that
    // one's rules.
    [[nodiscard]] Place find(std::string_view host, std::string_view path) const;

private:
    struct Way {
        std::string path;
        RouteTargetRef target;
    };
    using Ways = std::vector<Way>;  // longest path first

    [[nodiscard]] static Ways sorted(Ways ways);
    [[nodiscard]] static RouteTargetRef by_path(const Ways& ways, std::string_view host,
                                                std::string_view path);
    [[nodiscard]] Place find(const Ways& ways, std::string_view host, std::string_view path) const;
    [[nodiscard]] RouteTargetRef at_origin(std::string_view host) const;

    Ways plain_;
    Ways folded_;
};

}  // namespace postern::gate
