#pragma once

#include "core/tls/gnutls_handle.h"
#include "core/tls/session.h"

namespace postern::tls {

// How an end of a connection begins: what GnuTLS has to know before the handshake.
struct SessionStart {
    unsigned flags = 0;  // GNUTLS_SERVER or GNUTLS_CLIENT, and more; it never blocks nor signals
    gnutls_priority_t priority = nullptr;
    gnutls_certificate_credentials_t credentials = nullptr;
    unsigned alpn_flags = 0;  // of "http/1.1", the one protocol
};

// A session and what GnuTLS's callbacks, which get a pointer to this, need of it. What the two ends
// differ in is virtual.
class Session::State {
public:
    explicit State(Wire& transport) : wire(transport) {}
    virtual ~State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // The GnuTLS session over the wire, with its verify function.
    [[nodiscard]] Result<void> open(const SessionStart& start);
    // What the peer presented, or what the resumed session kept; false: it is malformed, failure is
    // set.
    [[nodiscard]] bool load_peer_chain();

    // GnuTLS has finished the handshake: 0, or its error for what must not stand.
    [[nodiscard]] virtual int check_settled() = 0;
    // False: something has to leave first, and the wire does not take it.
    [[nodiscard]] virtual bool may_write() { return true; }
    virtual void has_read() {}
    // The peer's end came without close_notify.
    [[nodiscard]] virtual Io cut_off() = 0;

    [[nodiscard]] Handshake finish_handshake();
    [[nodiscard]] Handshake fail_handshake(int error);
    [[nodiscard]] Io fail_transfer(int error);
    void alert_once(gnutls_alert_level_t level, std::uint8_t alert);

    enum class Phase { handshake, verdict, transfer, failed };
    enum class Decision { none, accept, refuse };

    Wire& wire;
    ChainRef chain = Chain::empty();
    Failure failure;
    std::size_t record_held = 0;  // bytes of a record that GnuTLS holds until the wire takes it
    int wire_errno = 0;  // of the last call into GnuTLS; 0: the wire gave and took everything
    int warnings = 0;
    Phase phase = Phase::handshake;
    Decision decision = Decision::none;
    bool alert_sent = false;
    SessionOwner session;
};

}  // namespace postern::tls
