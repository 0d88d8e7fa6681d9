#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/endpoint.h"
#include "core/net/listener_policy.h"
#include "core/net/socket_wire.h"
#include "core/plugin/pipeline.h"
#include "core/tls/client_hello.h"
#include "core/tls/server_session.h"

namespace postern::net {

class AdmissionOwner;

// The way in: accept, ClientHello, handshake, peer certificate, established. Each step asks the
// pipeline and may wait for it; the first no ends it. Lives from accept until it has told its owner
// the result. Loop thread.
class Admission {
public:
    struct Result {
        std::unique_ptr<tls::ServerSession> session;  // null without TLS
        tls::ChainRef presented;
        tls::ChainRef verified;  // or the presented one under trust = "pin"; null without one
        tls::Identity identity;
        std::string sni;
    };
    struct Refusal {
        Reason reason = 0;
        std::string_view phase;
        std::string plugin;  // empty: the host itself
        std::string detail;
        tls::ChainRef presented;
        std::string sni;
        enum class Close : bool { at_once = false, after_alert = true } close = Close::at_once;
    };

    Admission(AdmissionOwner& owner, SocketWire& wire, plugin::ConnectionPipeline& pipeline,
              ListenerPolicyRef policy, Endpoint peer);
    ~Admission();
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;

    // Begins, and goes on when the socket is ready. The owner may be told inside.
    void advance();
    // The time for it is over.
    void expire();
    // The peer has gone, perhaps while a plugin is asked.
    void peer_gone();

    // False while a plugin is asked: nothing is read then.
    [[nodiscard]] bool wants_input() const { return !asking_; }

private:
    enum class Step : std::uint8_t { accept, hello, handshake, established, ended };

    void ask_accept();
    void read_hello();
    void start_handshake();
    void handshake();
    void judge_peer(bool resumed);
    void certificate_answer(plugin::Outcome outcome);
    void finish_handshake();
    void ask_established();
    void refuse(Reason reason, std::string_view phase, std::string detail, std::uint8_t alert = 0,
                std::string plugin = {});
    void refuse(const plugin::Outcome& outcome, std::string_view phase);
    void log_hello() const;
    [[nodiscard]] plugin::ConnectionPipeline::Done when_answered(
        void (Admission::*next)(plugin::Outcome));
    void accepted(plugin::Outcome outcome);
    void hello_answered(plugin::Outcome outcome);
    void established_answered(plugin::Outcome outcome);

    AdmissionOwner& owner_;
    SocketWire& wire_;
    plugin::ConnectionPipeline& pipeline_;
    ListenerPolicyRef policy_;
    Endpoint peer_;
    std::shared_ptr<const tls::ClientHello> hello_;
    std::unique_ptr<tls::ServerSession> session_;
    tls::ChainRef presented_;
    tls::ChainRef verified_;
    std::uint32_t verify_flags_ = 0;
    tls::Identity identity_;
    Step step_ = Step::accept;
    bool asking_ = false;
};

class AdmissionOwner {
public:
    virtual ~AdmissionOwner() = default;
    // Both destroy the Admission when the call stack has unwound.
    virtual void admitted(Admission::Result result) = 0;
    virtual void refused(const Admission::Refusal& refusal) = 0;
    // Brackets work that is not begun by the owner: a plugin's answer that came later.
    virtual void run_turn(const Task& task) = 0;
    [[nodiscard]] virtual std::int64_t wall_seconds() const = 0;
};

}  // namespace postern::net
