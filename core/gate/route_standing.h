#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/config/configuration.h"

namespace postern::gate {

// Whether a route is still there as it was when a request took it, leading where it led. Any
// thread reads it.
class RouteStanding {
public:
    // Set once it is gone: how long what is under way may still take.
    [[nodiscard]] std::optional<std::uint64_t> grace_ns() const {
        const std::uint64_t grace = grace_ns_.load(std::memory_order_acquire);
        return grace == kStands ? std::nullopt : std::optional(grace);
    }
    void end(std::uint64_t grace_ns) {
        grace_ns_.store(grace_ns < kStands ? grace_ns : kStands - 1, std::memory_order_release);
    }

private:
    static constexpr std::uint64_t kStands = std::numeric_limits<std::uint64_t>::max();
    std::atomic<std::uint64_t> grace_ns_{kStands};
};

// The standings of all routes; what a reload leaves as it was keeps its own. Main thread.
class RouteStandings {
public:
    [[nodiscard]] std::shared_ptr<const RouteStanding> of(const std::string& listener,
                                                          const config::Route& route);
    // This configuration serves from now on: routes that it has not, or that lead elsewhere in it,
    // are gone. Before connections go over to it, since they look then.
    void keep_only(const config::Configuration& configuration);

private:
    std::map<std::string, std::weak_ptr<RouteStanding>> standings_;  // by all that a route is
};

}  // namespace postern::gate
