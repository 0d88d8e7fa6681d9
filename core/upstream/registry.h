#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/net/exchange.h"
#include "core/upstream/upstream.h"

namespace postern::upstream {

// The upstreams that live, so that a reload which changes nothing of one hands it on: with its
// sessions and children, its pools, what it knows of its servers. One for the process, longer-lived
// than all generations. Main thread.
class Registry {
public:
    Registry(WorkerPool& pool, plugin::Loader& loader, plugin::Environment& environment)
        : pool_(pool), loader_(loader), environment_(environment) {}

private:
    friend class Upstreams;

    // As long as a generation routes to an upstream. Exchanges that are still under way hold the
    // upstream itself: they must not keep its streams open for ever.
    struct Lease {
        std::shared_ptr<net::Upstream> upstream;
        std::string outbound;  // what its pipeline is called, if it has one
        bool started = false;
        GateFiles gate_files;  // hidden from the children it starts
        Lease(std::shared_ptr<net::Upstream> one, std::string name)
            : upstream(std::move(one)), outbound(std::move(name)) {}
        ~Lease() { upstream->retire(); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
    };

    WorkerPool& pool_;
    plugin::Loader& loader_;
    plugin::Environment& environment_;
    OutboundConnections connections_;
    std::map<std::string, std::weak_ptr<Lease>> leases_;  // by everything that made it what it is
};

// The upstreams of one generation. When the last generation that has one goes, it is retired: what
// is under way completes, its streams end, its children are stopped.
class Upstreams {
public:
    Upstreams(Registry& registry, std::vector<net::Loop*> loops, GateFiles gate_files);

    // The one that lives when nothing of it has changed, else a new one; may block.
    [[nodiscard]] Result<std::shared_ptr<net::Upstream>> get(const std::string& listener,
                                                             const config::Route& route);
    // Those that are new, and what is new for those that were handed on; the loops run.
    [[nodiscard]] Result<void> start();
    // The pipeline of that name says that its answers changed: what its upstream is connected to is
    // judged again. A name of no upstream's is passed over.
    void review(const std::string& outbound);
    // This generation serves from now on, and judges what those before it are connected to.
    void review_all();
    void retire() {
        new_starts_.clear();
        leases_.clear();
    }

private:
    [[nodiscard]] Result<void> hand_on(std::shared_ptr<Registry::Lease> lease,
                                       const config::Route& route);
    [[nodiscard]] UpstreamSurroundings surroundings() const;

    Registry* registry_;
    std::vector<net::Loop*> loops_;
    GateFiles gate_files_;
    std::vector<std::shared_ptr<Registry::Lease>> leases_;
    std::vector<std::pair<std::shared_ptr<Registry::Lease>, StartChild>> new_starts_;
};

}  // namespace postern::upstream
