#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "core/net/connection.h"
#include "core/net/listener_policy.h"
#include "core/net/loop.h"

namespace postern::net {

// One listener on one loop: takes connections from its socket and keeps them. Everything on the
// loop's thread.
class Acceptor final : public Watcher, private ConnectionOwner {
public:
    // `socket` stays the caller's and outlives this; `buffers` are the loop's.
    Acceptor(Loop& loop, WireBuffers& buffers, int socket,
             std::shared_ptr<ListenerCounters> counters, ListenerPolicyRef policy);
    ~Acceptor() override;

    [[nodiscard]] Result<void> start();

    // A new generation: connections that stand are asked about again and go over to it.
    void set_policy(ListenerPolicyRef policy);
    // The plugins' answers may have changed: every live identity is asked about again, once.
    void review();

    // Takes what is queued, then no more; connections end after the request under way.
    void drain();
    void cut_all(Reason reason);
    [[nodiscard]] std::size_t connections() const { return connections_.size(); }

    void on_ready(std::uint32_t epoll_events) override;

private:
    [[nodiscard]] Loop& loop() override { return loop_; }
    [[nodiscard]] WireBuffers& buffers() override { return buffers_; }
    void remove(Connection& connection) override;
    [[nodiscard]] std::uint64_t reviews() const override { return reviews_; }
    void review(Connection& connection) override;
    [[nodiscard]] const ListenerPolicyRef& current_policy() const override { return policy_; }

    // Accepts up to a batch; false: nothing more is queued.
    bool accept_some();
    void take(UniqueFd socket, const Endpoint& peer);
    void pause();
    void report_overflow(const Endpoint& peer);

    Loop& loop_;
    WireBuffers& buffers_;
    int socket_;
    std::shared_ptr<ListenerCounters> counters_;
    ListenerPolicyRef policy_;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    std::uint64_t reviews_ = 0;
    TimerId pause_timer_ = 0;
    std::uint64_t overflow_said_ns_ = 0;
    std::uint64_t overflowed_ = 0;
    bool watched_ = false;
};

}  // namespace postern::net
