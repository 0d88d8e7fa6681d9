#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tls/gnutls_handle.h"
#include "core/tls/server_session.h"

namespace postern::tls {

// A session and what GnuTLS's callbacks, which get a pointer to this, need of it.
class ServerSession::State {
public:
    State(std::shared_ptr<const ServerContext> owner, Wire& transport)
        : context(std::move(owner)), wire(transport) {}

    // The GnuTLS session with everything set that has to be before the handshake.
    [[nodiscard]] Result<void> set_up(const ClientHello& hello, const Digest256& plugin_policy);
    // What the peer presented, or what the ticket kept; false: it is malformed, failure is set.
    [[nodiscard]] bool load_peer_chain();
    [[nodiscard]] Handshake fail_handshake(int error);
    [[nodiscard]] Handshake finish_handshake();
    [[nodiscard]] Io fail_transfer(int error);
    void alert_once(gnutls_alert_level_t level, std::uint8_t alert);

    enum class Phase { handshake, verdict, transfer, failed };
    enum class Decision { none, accept, refuse };

    std::shared_ptr<const ServerContext> context;  // outlives the session below
    Wire& wire;
    Bytes first_hello;  // until the handshake is done, as are the next two
    std::string sni;
    std::vector<std::string> alpn;
    ChainRef chain = Chain::empty();
    Failure failure;
    std::size_t record_held = 0;  // bytes of a record that GnuTLS holds until the wire takes it
    int wire_errno = 0;  // of the last call into GnuTLS; 0: the wire gave and took everything
    int warnings = 0;
    Phase phase = Phase::handshake;
    Decision decision = Decision::none;
    bool version_in_common = false;
    bool hello_seen = false;
    bool alert_sent = false;
    bool ticket_held = false;
    SessionOwner session;
};

}  // namespace postern::tls
