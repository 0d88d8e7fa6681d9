#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/scheduler.h"
#include "core/base/unique_fd.h"

namespace postern::upstream {

// One loop's idle connections to the servers of an upstream. They are not watched: whether one is
// still open is looked at when it is taken. So the pool may be destroyed on any thread; everything
// else belongs to the loop's.
class HttpPool : public std::enable_shared_from_this<HttpPool> {
public:
    static constexpr std::size_t kMaxIdle = 64;
    static constexpr std::uint64_t kIdleTimeoutNs = 60'000'000'000;

    // The connection used last, if there is one that is open and silent.
    [[nodiscard]] UniqueFd take(std::size_t server, std::uint64_t now_ns);
    // `idle_timeout_ns`: what the server said it waits; at most kIdleTimeoutNs counts.
    void put(std::size_t server, UniqueFd fd, std::uint64_t idle_timeout_ns, Scheduler& scheduler);

    [[nodiscard]] std::size_t size() const { return idle_.size(); }

private:
    struct Idle {
        std::size_t server;
        std::uint64_t until_ns;
        UniqueFd fd;
    };

    void close_expired(std::uint64_t now_ns);
    void sweep_later(Scheduler& scheduler);

    std::vector<Idle> idle_;  // the one put in last is last
    bool sweeping_ = false;
};

}  // namespace postern::upstream
