#pragma once

#include <vector>

#include "core/gate/route_standing.h"
#include "core/gate/session_owners.h"
#include "core/net/loop.h"
#include "core/plugin/environment.h"
#include "core/plugin/loader.h"
#include "core/upstream/registry.h"

namespace postern::gate {

// What every generation is built in; one for the process, longer-lived than all of them.
struct Surroundings {
    plugin::Environment& environment;
    plugin::Loader& loader;
    std::vector<net::Loop*> loops;  // by Loop::index()
    SessionTables& sessions;
    RouteStandings& standings;
    upstream::Registry& upstreams;
};

}  // namespace postern::gate
