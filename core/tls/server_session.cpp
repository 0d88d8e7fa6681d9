#include "core/tls/server_session.h"

#include "core/tls/server_context_state.h"
#include "core/tls/server_session_state.h"

namespace postern::tls {
namespace {

// A ticket is about as long as the chain in it; above this it costs the client a segment more each
// time.
constexpr std::size_t kMaxTicketChain = 6 * 1024;

}  // namespace

Result<std::unique_ptr<ServerSession>> ServerSession::create(
    std::shared_ptr<const ServerContext> context, Wire& wire, const ClientHello& hello,
    const Digest256& plugin_policy) {
    auto state = std::make_unique<State>(std::move(context), wire);
    if (const auto ready = state->set_up(hello, plugin_policy); !ready) return ready.error();
    return std::unique_ptr<ServerSession>(new ServerSession(std::move(state)));
}

ServerSession::ServerSession(std::unique_ptr<State> state) : Session(std::move(state)) {}

void ServerSession::send_ticket() {
    if (resumed() || version() != 0x0304) return;
    static_cast<State&>(own_state()).send_ticket();
}

void ServerSession::State::send_ticket() {
    if (phase != Phase::transfer || !context->state().session_tickets) return;
    std::size_t chain_size = 0;
    for (const Certificate& certificate : chain->certificates())
        chain_size += certificate.der.size();
    if (chain_size > kMaxTicketChain) return;
    // A failure costs a full handshake next time and nothing else.
    ticket_held = gnutls_session_ticket_send(session.get(), 1, 0) == GNUTLS_E_AGAIN;
}

bool ServerSession::State::may_write() {
    if (ticket_held) send_ticket();
    return !ticket_held;
}

int ServerSession::State::check_settled() {
    // A ticket from a session without a certificate resumes where one is required, says GnuTLS; the
    // ticket key already keeps the two apart.
    if (chain->size() == 0 && context->client_certificate() == config::ClientCertificate::require)
        return GNUTLS_E_NO_CERTIFICATE_FOUND;
    first_hello = {};
    alpn = {};
    return 0;
}

}  // namespace postern::tls
