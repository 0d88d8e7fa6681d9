#include "core/upstream/http/server_admission.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"

namespace postern::upstream {
namespace {

constexpr std::string_view kHandshake = "handshake";
constexpr std::string_view kPeerCertificate = "peer certificate";
constexpr std::string_view kEstablished = "established";

}  // namespace

ServerAdmission::ServerAdmission(std::shared_ptr<const tls::ClientContext> context,
                                 tls::ClientSession& session, plugin::ConnectionPipeline& pipeline,
                                 std::function<void()> answered)
    : context_(std::move(context)),
      session_(session),
      pipeline_(pipeline),
      answered_(std::move(answered)) {}

ServerAdmission::Progress ServerAdmission::advance() {
    for (;;) {
        switch (step_) {
            case Step::handshake:
                if (const auto progress = shake_hands()) return *progress;
                break;
            case Step::certificate:
                if (!outcome_) return Progress::asking;
                take_certificate_answer(*std::exchange(outcome_, std::nullopt));
                break;
            case Step::established: {
                if (!outcome_) return Progress::asking;
                const plugin::Outcome outcome = *std::exchange(outcome_, std::nullopt);
                if (outcome.allowed) {
                    step_ = Step::admitted;
                } else {
                    refuse(outcome, kEstablished);
                }
                break;
            }
            case Step::admitted:
                return Progress::admitted;
            case Step::refused:
                return Progress::refused;
        }
    }
}

// Empty: go on with the next step.
std::optional<ServerAdmission::Progress> ServerAdmission::shake_hands() {
    switch (session_.handshake()) {
        case tls::Session::Handshake::want_io:
            return Progress::want_io;
        case tls::Session::Handshake::want_verdict:
            judge();
            break;
        case tls::Session::Handshake::done:
            handshake_done_ = true;
            if (presented_ != nullptr) {
                ask_established();
            } else {
                if (session_.resumed()) pipeline_.set_resumed();
                judge();
            }
            break;
        case tls::Session::Handshake::failed:
            refuse({session_.failure().reason, kHandshake, "", session_.failure().detail}, 0);
            break;
    }
    return std::nullopt;
}

void ServerAdmission::judge() {
    presented_ = session_.peer_chain();
    const tls::Verification verification =
        context_->verify_server(presented_, session_.server(), system_clock().wall_seconds());
    const std::uint32_t bad = verification.flags & ~POSTERN_VERIFY_SKIPPED;
    if (bad != 0) {
        const Reason reason = tls::reason_of_verification(bad);
        refuse({reason, kPeerCertificate, "", verification.detail}, reason_row(reason).tls_alert);
        return;
    }
    verified_ = verification.verified != nullptr ? verification.verified : presented_;
    verify_flags_ = verification.flags;
    valid_until_ = presented_->leaf().not_after;
    if (verification.verified != nullptr)
        for (const tls::Certificate& certificate : verified_->certificates())
            valid_until_ = std::min(valid_until_, certificate.not_after);

    auto certificate = std::make_shared<plugin::PeerCertificate>();
    certificate->verify_flags = verification.flags;
    certificate->hostname = session_.server().text;
    certificate->presented = presented_;
    certificate->verified = verification.verified;
    certificate->staples = session_.staples();
    step_ = Step::certificate;
    outcome_ = pipeline_.peer_certificate(std::move(certificate), when_answered());
}

void ServerAdmission::take_certificate_answer(const plugin::Outcome& outcome) {
    if (!outcome.allowed) {
        refuse(outcome, kPeerCertificate);
    } else if (context_->trust() == config::Trust::pin && !outcome.pinned) {
        // trust = "pin" takes a certificate without a chain when, and only when, it is pinned.
        refuse(
            {POSTERN_REASON_NOT_PINNED, kPeerCertificate, "", "no pinning plugin vouches for it"},
            reason_row(POSTERN_REASON_NOT_PINNED).tls_alert);
    } else if (handshake_done_) {
        ask_established();
    } else {
        session_.set_verdict(tls::Session::Verdict::accept);
        step_ = Step::handshake;
    }
}

void ServerAdmission::ask_established() {
    auto established = std::make_shared<plugin::Established>();
    established->version = session_.version();
    established->cipher = session_.cipher();
    established->alpn = session_.alpn();
    if (!session_.server().is_address()) established->sni = session_.server().text;
    established->peer = verified_;
    established->identity = tls::identity_of(*verified_).name;
    established->hostname = session_.server().text;
    established->verify_flags = verify_flags_;
    step_ = Step::established;
    outcome_ = pipeline_.established(std::move(established), when_answered());
}

plugin::ConnectionPipeline::Done ServerAdmission::when_answered() {
    return [this](plugin::Outcome outcome) {
        outcome_ = std::move(outcome);
        const auto answered = answered_;  // this may go inside it
        answered();
    };
}

void ServerAdmission::refuse(const plugin::Outcome& outcome, std::string_view phase) {
    const std::uint8_t alert =
        outcome.tls_alert != 0 ? outcome.tls_alert : reason_row(outcome.reason).tls_alert;
    refuse({outcome.reason, phase, outcome.plugin, outcome.detail}, alert);
}

void ServerAdmission::refuse(Refusal refusal, std::uint8_t alert) {
    session_.send_alert(alert);
    refusal_ = std::move(refusal);
    step_ = Step::refused;
}

}  // namespace postern::upstream
