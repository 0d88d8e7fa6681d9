#include "core/tls/session.h"

#include <algorithm>

#include "core/tls/handshake_failure.h"
#include "core/tls/policy.h"
#include "core/tls/presented.h"
#include "core/tls/session_state.h"

namespace postern::tls {
namespace {

// What is no application data (warnings, interruptions) and is passed over in one call; a peer that
// sends more of it is up to no good.
constexpr int kMaxPassedOver = 16;
// In one call of handshake(): messages may come in one-byte records, and each is a turn. The wire
// gives what has arrived, so that this is never the bound that counts.
constexpr int kMaxHandshakeTurns = 32 * 1024;
constexpr std::size_t kMaxRecord = 16 * 1024;

constexpr std::uint8_t kHandshakeFailure = 40;
constexpr std::uint8_t kCertificateRequired = 116;

bool would_block(ssize_t code) {
    return code == GNUTLS_E_AGAIN;
}
// GnuTLS says AGAIN after a record that completed nothing too, while more of them wait in the
// read-ahead buffer, where epoll cannot see them.
bool wire_is_dry(const Session::State& state) {
    return state.wire_errno != 0;
}
bool passed_over(ssize_t code) {
    return code == GNUTLS_E_INTERRUPTED || code == GNUTLS_E_WARNING_ALERT_RECEIVED ||
           would_block(code);
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Session::Handshake Session::handshake() {
    State& state = *state_;
    if (state.phase == State::Phase::failed) return Handshake::failed;
    if (state.phase == State::Phase::transfer) return Handshake::done;
    if (state.phase == State::Phase::verdict) {
        if (state.decision == State::Decision::none) return Handshake::want_verdict;
        state.phase = State::Phase::handshake;
    }

    int code = GNUTLS_E_SUCCESS;
    for (int i = 0; i < kMaxHandshakeTurns; ++i) {
        state.wire_errno = 0;
        code = gnutls_handshake(state.session.get());
        if (code == GNUTLS_E_SUCCESS) return state.finish_handshake();
        if (would_block(code) && wire_is_dry(state)) return Handshake::want_io;
        if (state.phase == State::Phase::verdict) return Handshake::want_verdict;
        if (!passed_over(code)) break;
        if (code == GNUTLS_E_WARNING_ALERT_RECEIVED && ++state.warnings > kMaxPassedOver) break;
    }
    return state.fail_handshake(code);
}

void Session::set_verdict(Verdict verdict) {
    State& state = *state_;
    if (state.phase != State::Phase::verdict || state.decision != State::Decision::none) return;
    state.decision = verdict == Verdict::accept ? State::Decision::accept : State::Decision::refuse;
}

const Session::Failure& Session::failure() const {
    return state_->failure;
}

Session::Read Session::read(std::span<std::uint8_t> into) {
    State& state = *state_;
    if (state.phase != State::Phase::transfer) return {Io::failed, 0};
    if (into.empty()) return {Io::done, 0};

    ssize_t code = 0;
    for (int i = 0; i < kMaxPassedOver; ++i) {
        state.wire_errno = 0;
        code = gnutls_record_recv(state.session.get(), into.data(), into.size());
        state.has_read();
        if (code > 0) return {Io::done, static_cast<std::size_t>(code)};
        if (code == 0) return {Io::closed, 0};
        if (code == GNUTLS_E_PREMATURE_TERMINATION) return {state.cut_off(), 0};
        if (would_block(code) && wire_is_dry(state)) return {Io::want_io, 0};
        if (!passed_over(code)) break;
    }
    return {state.fail_transfer(static_cast<int>(code)), 0};
}

bool Session::has_unread() const {
    return gnutls_record_check_pending(state_->session.get()) != 0;
}

Session::Write Session::write(ByteView data) {
    State& state = *state_;
    if (state.phase != State::Phase::transfer) return {Io::failed, 0};
    gnutls_session_t session = state.session.get();
    if (!state.may_write()) return {Io::want_io, 0};

    std::size_t taken = 0;
    while (taken < data.size()) {
        state.wire_errno = 0;
        // GnuTLS keeps a record that the wire did not take, already sealed, and wants to be called
        // without data for it. Its bytes count as taken when it is gone; until then the caller
        // offers them again.
        const bool held = state.record_held != 0;
        const std::size_t size = std::min(data.size() - taken, kMaxRecord);
        const ssize_t code = held ? gnutls_record_send(session, nullptr, 0)
                                  : gnutls_record_send(session, data.data() + taken, size);
        if (code >= 0) {
            taken += held ? std::min(state.record_held, data.size() - taken)
                          : static_cast<std::size_t>(code);
            state.record_held = 0;
            continue;
        }
        if (!would_block(code) && code != GNUTLS_E_INTERRUPTED)
            return {state.fail_transfer(static_cast<int>(code)), 0};
        if (!held) state.record_held = size;
        return {taken == 0 ? Io::want_io : Io::done, taken};
    }
    return {Io::done, taken};
}

void Session::send_alert(std::uint8_t alert) {
    // certificate_required came with TLS 1.3; before it GnuTLS's peers know handshake_failure.
    if (alert == kCertificateRequired && version() != 0x0304) alert = kHandshakeFailure;
    state_->alert_once(GNUTLS_AL_FATAL, alert);
}

void Session::send_close_notify() {
    if (state_->phase == State::Phase::transfer && !state_->alert_sent)
        (void)gnutls_bye(state_->session.get(), GNUTLS_SHUT_WR);
}

ChainRef Session::peer_chain() const {
    return state_->chain;
}

bool Session::resumed() const {
    return gnutls_session_is_resumed(state_->session.get()) != 0;
}

std::uint16_t Session::version() const {
    switch (gnutls_protocol_get_version(state_->session.get())) {
        case GNUTLS_TLS1_2:
            return 0x0303;
        case GNUTLS_TLS1_3:
            return 0x0304;
        default:
            return 0;
    }
}

std::string Session::version_name() const {
    switch (version()) {
        case 0x0303:
            return "TLS 1.2";
        case 0x0304:
            return "TLS 1.3";
        default:
            return {};
    }
}

std::uint16_t Session::cipher() const {
    return cipher_number(cipher_name());
}

std::string Session::cipher_name() const {
    const char* const name = gnutls_ciphersuite_get(state_->session.get());
    return name == nullptr ? std::string() : name;
}

std::string Session::group_name() const {
    const char* const name = gnutls_group_get_name(gnutls_group_get(state_->session.get()));
    return name == nullptr ? std::string() : name;
}

std::string Session::alpn() const {
    gnutls_datum_t selected{nullptr, 0};
    if (gnutls_alpn_get_selected_protocol(state_->session.get(), &selected) < 0) return {};
    return std::string(as_text({selected.data, selected.size}));
}

bool Session::State::load_peer_chain() {
    unsigned count = 0;
    const gnutls_datum_t* const list = gnutls_certificate_get_peers(session.get(), &count);
    if (list == nullptr || count == 0) return true;
    if (count > kMaxPresented) {
        failure = {POSTERN_REASON_CHAIN_TOO_LONG,
                   std::to_string(count) + " certificates were presented, 16 are the most"};
        return false;
    }
    std::vector<ByteView> certificates;
    for (unsigned i = 0; i < count; ++i) certificates.emplace_back(list[i].data, list[i].size);
    auto parsed = Chain::from_der(certificates);
    if (!parsed) {
        failure = {POSTERN_REASON_CERTIFICATE_MALFORMED, parsed.error().message};
        return false;
    }
    chain = std::move(*parsed);
    return true;
}

Session::Handshake Session::State::finish_handshake() {
    // GnuTLS calls no verify function on a resumed session: the chain is the earlier one's, and the
    // host asks about it again.
    if (chain->size() == 0 && !load_peer_chain()) return fail_handshake(GNUTLS_E_CERTIFICATE_ERROR);
    if (const int error = check_settled(); error < 0) return fail_handshake(error);
    phase = Phase::transfer;
    return Handshake::done;
}

Session::Handshake Session::State::fail_handshake(int error) {
    phase = Phase::failed;
    if (failure.reason != 0) {  // a chain that cannot be read: nobody will be asked about it
        alert_once(GNUTLS_AL_FATAL, reason_row(failure.reason).tls_alert);
        return Handshake::failed;
    }
    const FailureKind kind = classify_handshake_error(session.get(), error, wire_errno);
    failure = {kind.reason, kind.detail, kind.received};
    if (kind.alert == Alert::ours && !alert_sent) {
        alert_sent = true;
        (void)gnutls_alert_send_appropriate(session.get(), error);
    }
    return Handshake::failed;
}

Session::Io Session::State::fail_transfer(int error) {
    phase = Phase::failed;
    if (error == GNUTLS_E_REHANDSHAKE) {
        // RFC 5246 7.2.2 lets a server answer so and stay; renegotiation is only ever an attack
        // here, so the connection ends.
        alert_once(GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        failure = {POSTERN_REASON_TLS_ERROR, "the peer asked for renegotiation"};
        return Io::failed;
    }
    const FailureKind kind = classify_handshake_error(session.get(), error, wire_errno);
    failure = {kind.reason, kind.detail, kind.received};
    if (failure.reason == POSTERN_REASON_HANDSHAKE_FAILED)
        failure.reason = POSTERN_REASON_TLS_ERROR;
    if (kind.alert == Alert::ours && !alert_sent) {
        alert_sent = true;
        (void)gnutls_alert_send_appropriate(session.get(), error);
    }
    return Io::failed;
}

void Session::State::alert_once(gnutls_alert_level_t level, std::uint8_t alert) {
    if (alert_sent || alert == 0) return;
    alert_sent = true;
    (void)gnutls_alert_send(session.get(), level, static_cast<gnutls_alert_description_t>(alert));
}

}  // namespace postern::tls
