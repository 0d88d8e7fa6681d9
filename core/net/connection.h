#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/net/admission.h"
#include "core/net/exchange.h"
#include "core/net/http_session.h"
#include "core/net/listener_policy.h"
#include "core/net/socket_wire.h"
#include "core/tls/server_session.h"

namespace postern::net {

class Connection;

// Whoever keeps a loop's connections of one listener.
class ConnectionOwner {
public:
    virtual ~ConnectionOwner() = default;
    [[nodiscard]] virtual Loop& loop() = 0;
    [[nodiscard]] virtual WireBuffers& buffers() = 0;
    virtual void remove(Connection& connection) = 0;  // destroys it
    // Counts reviews. Who was not admitted yet is left out of one, and asks for it once admitted.
    [[nodiscard]] virtual std::uint64_t reviews() const = 0;
    virtual void review(Connection& connection) = 0;
    // What new connections are judged by now.
    [[nodiscard]] virtual const ListenerPolicyRef& current_policy() const = 0;
};

// One accepted connection, on one loop for life: first its Admission (the phases and the
// handshake), then an HTTP session. Every way into it opens a Turn, and what the turn produced is
// sent, and the connection ended if it must be, when the outermost Turn closes.
class Connection final : public std::enable_shared_from_this<Connection>,
                         public Watcher,
                         public Caller,
                         private HttpOwner,
                         private AdmissionOwner {
public:
    Connection(ConnectionOwner& owner, UniqueFd socket, Endpoint peer, Endpoint local,
               postern_conn_id id, ListenerPolicyRef policy);
    ~Connection() override;

    // Asks the accept phase; the connection may be gone when this returns.
    void start();

    // The gate stops: after the request under way, or now.
    void drain();
    // Refused later on: by a review, a reload, the end of the process.
    void cut(Reason reason, std::string detail) override;

    // The owner goes: nothing of this connection runs any more.
    void discard();

    // What a review needs.
    [[nodiscard]] bool admitted() const { return http_ != nullptr && state_ == State::open; }
    [[nodiscard]] const tls::ChainRef& presented() const { return presented_; }
    [[nodiscard]] const ListenerPolicyRef& policy() const { return policy_; }
    // False: a later generation has come, whose own review covers this connection.
    [[nodiscard]] bool concerned_by(const ListenerPolicyRef& policy) const {
        return owner_.current_policy() == policy;
    }
    // A review said yes: requests may go on where they were held.
    void release();
    // A new generation's pipeline said yes to this identity: go over to it. Established is asked of
    // it with fresh slots; a no cuts the connection.
    void adopt(ListenerPolicyRef policy, const tls::Verification& verification,
               const std::vector<plugin::Answer>& answers);

    // Caller
    [[nodiscard]] Loop& loop() const override { return loop_; }
    [[nodiscard]] const std::string& listener() const override { return policy_->settings.name; }
    [[nodiscard]] const Endpoint& peer() const override { return peer_; }
    [[nodiscard]] const Endpoint& local() const override { return local_; }
    [[nodiscard]] bool uses_tls() const override { return tls_ != nullptr; }
    [[nodiscard]] std::string tls_version() const override;
    [[nodiscard]] std::string tls_cipher() const override;
    [[nodiscard]] bool tls_resumed() const override;
    [[nodiscard]] const std::string& sni() const override { return sni_; }
    [[nodiscard]] tls::ChainRef chain() const override { return verified_; }
    [[nodiscard]] const tls::Identity& identity() const override { return identity_; }
    [[nodiscard]] plugin::ConnectionPipeline& pipeline() override { return *pipeline_; }
    [[nodiscard]] bool pipeline_wants_requests() const override {
        return policy_->pipeline->wants(POSTERN_PHASE_REQUEST);
    }

    void on_ready(std::uint32_t epoll_events) override;

private:
    enum class State : std::uint8_t { admission, open, flushing, lingering, closed };

    class Turn;
    void end_turn();
    void on_turn_end() override;
    void settle();
    void pump();
    void hold();
    [[nodiscard]] bool wants_input() const { return !held_ && http_->wants_input(); }
    void established_again(const plugin::Outcome& outcome);
    void set_expiry();
    void read_input();
    void write_output();
    void update_interest();
    void update_deadline();
    void on_deadline();
    void begin_close(Reason reason, std::string detail);
    void linger();
    void close_now();
    void log_end(const std::string& detail);

    // AdmissionOwner
    void admitted(Admission::Result result) override;
    void refused(const Admission::Refusal& refusal) override;
    void run_turn(const Task& task) override;
    [[nodiscard]] std::int64_t wall_seconds() const override;

    // HttpOwner
    [[nodiscard]] Caller& caller() override { return *this; }
    [[nodiscard]] bool may_begin() const override { return !held_; }
    [[nodiscard]] std::shared_ptr<Upstream> entrance() override { return policy_->entrance; }
    void output_added() override;
    void close_when_sent(Reason reason, std::string detail) override;
    void request_failed(Reason reason, const std::string& detail) override;
    void later(Task task) override;
    void destroy_later(std::unique_ptr<Exchange> exchange) override;

    ConnectionOwner& owner_;
    Loop& loop_;
    SocketWire wire_;
    Endpoint peer_;
    Endpoint local_;
    postern_conn_id id_;
    ListenerPolicyRef policy_;
    std::unique_ptr<plugin::ConnectionPipeline> pipeline_;
    std::unique_ptr<Admission> admission_;
    std::unique_ptr<tls::ServerSession> tls_;
    std::unique_ptr<HttpSession> http_;
    tls::ChainRef presented_;
    tls::ChainRef verified_;
    tls::Identity identity_;
    std::string sni_;

    std::uint64_t began_ns_;
    std::uint64_t reviews_at_begin_;
    std::uint64_t closing_deadline_ns_ = 0;
    std::uint64_t expires_ns_ = 0;  // when the client's chain has run out, and its grace; 0: never
    TimerId timer_ = 0;
    std::uint64_t timer_at_ns_ = 0;
    std::uint32_t interest_ = 0;  // epoll events asked for
    Reason end_reason_ = 0;
    std::uint32_t lingered_bytes_ = 0;
    int depth_ = 0;
    State state_ = State::admission;
    bool watched_ = false;
    bool settles_at_turn_end_ = false;
    bool peer_ended_ = false;
    bool abrupt_ = false;
    bool held_ = false;  // a verdict is open: no request is begun
};

}  // namespace postern::net
