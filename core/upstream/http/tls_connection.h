#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/endpoint.h"
#include "core/base/unique_fd.h"
#include "core/net/interest.h"
#include "core/net/loop.h"
#include "core/net/socket_wire.h"
#include "core/plugin/pipeline.h"
#include "core/tls/client_session.h"
#include "core/upstream/http/server_admission.h"
#include "core/upstream/http/transport.h"

namespace postern::upstream {

// Who is called over TLS, and by which rules. Immutable; shared by all loops.
struct TlsServer {
    std::shared_ptr<const tls::ClientContext> context;
    std::shared_ptr<const plugin::Pipeline> pipeline;  // of Role::client; never null
    tls::ServerName name;
    std::string upstream;                                 // for the log
    std::uint64_t handshake_timeout_ns = 10'000'000'000;  // plugins' answers included
};

// One connection to a server over TLS. Nothing is sent or read before host and pipeline have said
// yes. The pipeline's connection ends with this one.
class TlsConnection final : public Transport {
public:
    // `socket` is connected, or on its way.
    TlsConnection(net::Loop& loop, UniqueFd socket, std::shared_ptr<const TlsServer> server,
                  User& user);
    ~TlsConnection() override;

    [[nodiscard]] Result<void> watch(std::uint32_t epoll_events) override;
    [[nodiscard]] Opening open() override;
    [[nodiscard]] ssize_t send(std::string_view first, std::string_view second) override;
    [[nodiscard]] ssize_t receive(std::span<char> into) override;
    [[nodiscard]] std::string fault() const override { return fault_; }
    void log_refusal() const override;
    [[nodiscard]] bool turned_away() const override { return turned_away_; }
    [[nodiscard]] bool rest() override;
    [[nodiscard]] bool is_stale() override;

    // For who asks about its server again.
    [[nodiscard]] const TlsServer& server() const { return *server_; }
    [[nodiscard]] bool is_open() const { return state_ == State::open; }
    [[nodiscard]] tls::ChainRef presented() const {
        return session_->peer_chain();
    }  // of an open one
    // Runs in the turn in which it opens; one task at most.
    void when_open(Task task) { when_open_ = std::move(task); }
    // The answer is no: nothing more comes of an open one.
    void cut(Reason reason, std::string detail);
    // Empty when the connection has gone; looked into on its loop alone.
    [[nodiscard]] std::weak_ptr<TlsConnection*> reference() const { return self_; }

private:
    enum class State : std::uint8_t { connecting, handshake, open, failed };

    void on_ready(std::uint32_t epoll_events) override;

    [[nodiscard]] Opening start_handshake();
    [[nodiscard]] Opening advance();
    Opening fail(Reason reason, std::string fault);
    void close_pipeline();
    [[nodiscard]] ssize_t fail_transfer();
    [[nodiscard]] bool has_unread() const;
    [[nodiscard]] bool is_out_of_date() const;
    void cut_when_out_of_date();
    [[nodiscard]] bool speaks_at_rest();
    void tell_again();
    [[nodiscard]] Result<void> update_interest();

    const std::shared_ptr<const TlsServer> server_;
    const std::shared_ptr<net::WireBuffers> buffers_;  // the thread's; lent for a call
    net::SocketWire wire_;
    net::Interest interest_;
    Endpoint peer_{};
    std::unique_ptr<plugin::ConnectionPipeline> pipeline_;
    std::unique_ptr<tls::ClientSession> session_;
    std::unique_ptr<ServerAdmission> admission_;  // until it is over

    State state_ = State::connecting;
    bool resting_ = false;
    bool telling_again_ = false;
    bool asking_ = false;
    bool heard_ = false;  // the server has answered something
    bool turned_away_ = false;
    std::uint32_t wanted_ = 0;  // by the user
    std::uint64_t began_ns_ = 0;
    std::int64_t valid_until_ = 0;  // seconds since the epoch: the server's certificate
    TimerId timer_ = 0;
    Reason end_reason_ = POSTERN_REASON_FINISHED;
    std::string fault_;
    Task when_open_;
    const std::shared_ptr<TlsConnection*> self_;  // for tasks that may come too late
};

}  // namespace postern::upstream
