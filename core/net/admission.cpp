#include "core/net/admission.h"

#include <cerrno>
#include <cstring>

#include "core/base/log.h"
#include "postern/reason.h"

namespace postern::net {
namespace {

constexpr std::string_view kAccept = "accept";
constexpr std::string_view kClientHello = "client hello";
constexpr std::string_view kHandshake = "handshake";
constexpr std::string_view kPeerCertificate = "peer certificate";
constexpr std::string_view kEstablished = "established";

Reason reason_of(tls::HelloStatus status) {
    return status == tls::HelloStatus::not_tls ? POSTERN_REASON_NOT_TLS
                                               : POSTERN_REASON_CLIENT_HELLO_MALFORMED;
}

// Before there is a session: TLSPlaintext with a fatal alert, legacy_record_version 0x0301.
void push_plain_alert(SocketWire& wire, std::uint8_t alert) {
    const std::uint8_t record[] = {21, 3, 1, 0, 2, 2, alert};
    [[maybe_unused]] const ssize_t size = wire.push(record);
}

}  // namespace

Admission::Admission(AdmissionOwner& owner, SocketWire& wire, plugin::ConnectionPipeline& pipeline,
                     ListenerPolicyRef policy, Endpoint peer)
    : owner_(owner), wire_(wire), pipeline_(pipeline), policy_(std::move(policy)), peer_(peer) {}

Admission::~Admission() = default;

void Admission::advance() {
    if (asking_) return;
    switch (step_) {
        case Step::accept:
            ask_accept();
            break;
        case Step::hello:
            read_hello();
            break;
        case Step::handshake:
            handshake();
            break;
        case Step::established:
        case Step::ended:
            break;
    }
}

void Admission::expire() {
    const std::string_view doing = step_ == Step::hello ? "the ClientHello did not come in time"
                                   : asking_            ? "a plugin's answer did not come in time"
                                                        : "the handshake did not end in time";
    refuse(POSTERN_REASON_HANDSHAKE_TIMEOUT, kHandshake, std::string(doing));
}

void Admission::peer_gone() {
    if (asking_) refuse(POSTERN_REASON_PEER_CLOSED, kHandshake, "it left while a plugin was asked");
}

plugin::ConnectionPipeline::Done Admission::when_answered(
    void (Admission::*next)(plugin::Outcome)) {
    return [this, next](plugin::Outcome outcome) {
        owner_.run_turn([&] {
            asking_ = false;
            (this->*next)(std::move(outcome));
        });
    };
}

void Admission::ask_accept() {
    asking_ = true;
    auto outcome = pipeline_.accept(when_answered(&Admission::accepted));
    if (!outcome) return;
    asking_ = false;
    accepted(std::move(*outcome));
}

void Admission::accepted(plugin::Outcome outcome) {
    if (!outcome.allowed) {
        refuse(outcome, kAccept);
        return;
    }
    if (policy_->tls) {
        step_ = Step::hello;
        read_hello();
    } else {
        ask_established();
    }
}

void Admission::read_hello() {
    for (;;) {
        const ssize_t size = wire_.fill(tls::kMaxClientHelloWire);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (size == 0) {
            refuse(POSTERN_REASON_PEER_CLOSED, kClientHello, "closed before a ClientHello");
            return;
        }
        if (size < 0 && errno != ENOBUFS) {
            refuse(POSTERN_REASON_IO_ERROR, kClientHello, std::strerror(errno));
            return;
        }
        auto result = tls::read_client_hello(wire_.read_ahead());
        if (result.status == tls::HelloStatus::incomplete && size > 0) continue;
        if (result.status != tls::HelloStatus::complete) {
            const Reason reason = reason_of(result.status);
            refuse(reason, kClientHello, std::move(result.detail), reason_row(reason).tls_alert);
            return;
        }
        hello_ = std::make_shared<const tls::ClientHello>(std::move(result.hello));
        break;
    }
    log_hello();
    asking_ = true;
    auto outcome = pipeline_.client_hello(hello_, when_answered(&Admission::hello_answered));
    if (!outcome) return;
    asking_ = false;
    hello_answered(std::move(*outcome));
}

void Admission::hello_answered(plugin::Outcome outcome) {
    if (!outcome.allowed) {
        refuse(outcome, kClientHello);
        return;
    }
    start_handshake();
}

void Admission::start_handshake() {
    auto session = tls::ServerSession::create(policy_->tls, wire_, *hello_, policy_->plugin_policy);
    if (!session) {
        refuse(POSTERN_REASON_TLS_ERROR, kHandshake, session.error().message, 80);
        return;
    }
    session_ = std::move(*session);
    step_ = Step::handshake;
    handshake();
}

void Admission::handshake() {
    switch (session_->handshake()) {
        case tls::ServerSession::Handshake::done:
            finish_handshake();
            break;
        case tls::ServerSession::Handshake::want_io:
            break;
        case tls::ServerSession::Handshake::want_verdict:
            judge_peer(false);
            break;
        case tls::ServerSession::Handshake::failed: {
            const auto& failure = session_->failure();
            const std::uint8_t alert = failure.reason == POSTERN_REASON_CERTIFICATE_REQUIRED
                                           ? reason_row(failure.reason).tls_alert
                                           : 0;  // the session sent GnuTLS's own
            refuse(failure.reason, kHandshake, failure.detail, alert);
            break;
        }
    }
}

// In a full handshake inside it; on a resumed session, where GnuTLS asks nobody, after it.
void Admission::judge_peer(bool resumed) {
    presented_ = session_->peer_chain();
    tls::Verification verification;
    if (presented_->size() > 0) {
        verification = policy_->tls->verify_client(presented_, owner_.wall_seconds());
    }
    const std::uint32_t bad = verification.flags & ~POSTERN_VERIFY_SKIPPED;
    if (bad != 0) {
        const Reason reason = tls::reason_of_verification(bad);
        refuse(reason, kPeerCertificate, verification.detail, reason_row(reason).tls_alert);
        return;
    }
    verified_ = verification.verified;
    verify_flags_ = verification.flags;
    if (resumed) pipeline_.set_resumed();

    auto certificate = std::make_shared<plugin::PeerCertificate>();
    certificate->verify_flags = verification.flags;
    certificate->presented = presented_;
    certificate->verified = verified_;
    asking_ = true;
    auto outcome = pipeline_.peer_certificate(std::move(certificate),
                                              when_answered(&Admission::certificate_answer));
    if (!outcome) return;
    asking_ = false;
    certificate_answer(std::move(*outcome));
}

void Admission::certificate_answer(plugin::Outcome outcome) {
    if (outcome.allowed && presented_->size() > 0 && policy_->tls->trust() == config::Trust::pin &&
        !outcome.pinned) {
        // trust = "pin" takes a certificate without a chain when, and only when, it is pinned.
        refuse(POSTERN_REASON_NOT_PINNED, kPeerCertificate, "no pinning plugin vouches for it",
               reason_row(POSTERN_REASON_NOT_PINNED).tls_alert);
        return;
    }
    if (!outcome.allowed) {
        refuse(outcome, kPeerCertificate);
        return;
    }
    if (presented_->size() > 0) {
        if (!verified_) verified_ = presented_;
        identity_ = tls::identity_of(*verified_);
    }
    if (step_ == Step::established) {
        ask_established();
        return;
    }
    session_->set_verdict(tls::ServerSession::Verdict::accept);
    handshake();
}

void Admission::finish_handshake() {
    const config::ClientCertificate wanted = policy_->tls->client_certificate();
    const bool judged = presented_ != nullptr;
    if (!judged) presented_ = session_->peer_chain();
    // A ticket from a session without a certificate resumes where one is required: nobody but the
    // host notices.
    if (wanted == config::ClientCertificate::require && presented_->size() == 0) {
        refuse(POSTERN_REASON_CERTIFICATE_REQUIRED, kPeerCertificate,
               session_->resumed() ? "the resumed session has none" : "none was sent",
               reason_row(POSTERN_REASON_CERTIFICATE_REQUIRED).tls_alert);
        return;
    }
    step_ = Step::established;
    if (judged || wanted == config::ClientCertificate::none) {
        ask_established();
    } else {
        judge_peer(session_->resumed());
    }
}

void Admission::ask_established() {
    step_ = Step::established;
    auto established = std::make_shared<plugin::Established>();
    if (session_) {
        established->version = session_->version();
        established->cipher = session_->cipher();
        established->alpn = session_->alpn();
        established->sni = hello_->sni;
        established->peer = verified_;
        established->identity = identity_.name;
        established->verify_flags = verify_flags_;
        if (session_->resumed()) pipeline_.set_resumed();
    }
    asking_ = true;
    auto outcome = pipeline_.established(std::move(established),
                                         when_answered(&Admission::established_answered));
    if (!outcome) return;
    asking_ = false;
    established_answered(std::move(*outcome));
}

void Admission::established_answered(plugin::Outcome outcome) {
    if (!outcome.allowed) {
        refuse(outcome, kEstablished);
        return;
    }
    if (session_) session_->send_ticket();
    step_ = Step::ended;
    Result result;
    result.session = std::move(session_);
    result.presented = presented_;
    result.verified = verified_;
    result.identity = std::move(identity_);
    if (hello_) result.sni = hello_->sni;
    owner_.admitted(std::move(result));
}

void Admission::refuse(const plugin::Outcome& outcome, std::string_view phase) {
    std::uint8_t alert =
        outcome.tls_alert != 0 ? outcome.tls_alert : reason_row(outcome.reason).tls_alert;
    if (phase == kAccept) alert = 0;  // no TLS work for it
    refuse(outcome.reason, phase, outcome.detail, alert, outcome.plugin);
}

void Admission::refuse(Reason reason, std::string_view phase, std::string detail,
                       std::uint8_t alert, std::string plugin) {
    if (step_ == Step::ended) return;
    step_ = Step::ended;
    Refusal refusal;
    refusal.reason = reason;
    refusal.phase = phase;
    refusal.plugin = std::move(plugin);
    refusal.detail = std::move(detail);
    refusal.presented = presented_;
    if (hello_) refusal.sni = hello_->sni;
    if (alert != 0 && session_) {
        session_->send_alert(alert);
    } else if (alert != 0 && policy_->tls) {
        push_plain_alert(wire_, alert);
    }
    // What GnuTLS sent by itself is on the wire as well; an accept is refused without a byte.
    if (alert != 0 || session_) refusal.close = Refusal::Close::after_alert;
    owner_.refused(refusal);
}

void Admission::log_hello() const {
    if (!log::detailed_tls()) return;
    std::string alpn;
    for (const std::string& name : hello_->alpn) alpn += (alpn.empty() ? "" : ",") + name;
    log::write(LogLevel::info, "tls", "client hello",
               {{"listener", policy_->settings.name},
                {"peer", endpoint_text(peer_)},
                {"sni", hello_->sni},
                {"alpn", alpn},
                {"ja4", hello_->ja4}});
}

}  // namespace postern::net
