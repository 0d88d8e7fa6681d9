#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/scheduler.h"
#include "core/upstream/http/transport.h"

namespace postern::upstream {

// One loop's idle connections to the servers of an upstream. They stay watched: one that the server
// closes, or speaks on, goes at once. Everything belongs to the loop's thread; whoever lets go of a
// pool elsewhere does so by retire().
class HttpPool final : public std::enable_shared_from_this<HttpPool>, private Transport::User {
public:
    static constexpr std::size_t kMaxIdle = 64;
    static constexpr std::uint64_t kIdleTimeoutNs = 60'000'000'000;

    // Any thread, when no exchange uses the pool any more: its connections go on their loop.
    static void retire(std::shared_ptr<HttpPool> pool);

    // The connection used last, or null. Whether it is stale is to be asked right before its use.
    [[nodiscard]] std::unique_ptr<Transport> take(std::size_t server, std::uint64_t now_ns);
    // `idle_timeout_ns`: what the server said it waits; at most kIdleTimeoutNs counts.
    void put(std::size_t server, std::unique_ptr<Transport> connection,
             std::uint64_t idle_timeout_ns, Scheduler& scheduler);

    // Who serves there has to be judged anew.
    void clear() { idle_.clear(); }
    [[nodiscard]] std::size_t size() const { return idle_.size(); }

private:
    struct Idle {
        std::size_t server;
        std::uint64_t until_ns;
        std::unique_ptr<Transport> connection;
    };

    void on_ready(Transport& transport, std::uint32_t epoll_events) override;
    void on_cut(Transport& transport) override;
    void drop(const Transport& transport);
    void close_expired(std::uint64_t now_ns);
    void sweep_later();

    Scheduler* scheduler_ = nullptr;  // the loop, from the first put() on
    std::vector<Idle> idle_;          // the one put in last is last
    bool sweeping_ = false;
};

}  // namespace postern::upstream
