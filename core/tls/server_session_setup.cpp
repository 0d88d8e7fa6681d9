// How a listener's session is prepared, and the check of the ClientHello. No exception may leave
// its callback.
#include <algorithm>

#include "core/tls/server_context_state.h"
#include "core/tls/server_session_state.h"

namespace postern::tls {
namespace {

using State = ServerSession::State;

constexpr std::uint16_t kSupportedVersions = 43;

// The first hello has to be the one that was read ahead and asked about; one that follows a
// HelloRetryRequest must not turn into a request for something else.
int check_hello(State& state, ByteView body) {
    if (!state.hello_seen) {
        state.hello_seen = true;
        const bool same = std::equal(body.begin(), body.end(), state.first_hello.begin(),
                                     state.first_hello.end());
        if (!same) return GNUTLS_E_ILLEGAL_PARAMETER;
        return state.version_in_common ? 0 : GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
    }
    const HelloResult again = parse_client_hello(body);
    const bool same = again.status == HelloStatus::complete && again.hello.sni == state.sni &&
                      again.hello.alpn == state.alpn;
    return same ? 0 : GNUTLS_E_ILLEGAL_PARAMETER;
}

extern "C" int on_client_hello(gnutls_session_t session, unsigned, unsigned, unsigned,
                               const gnutls_datum_t* message) {
    State& state =
        static_cast<State&>(*static_cast<Session::State*>(gnutls_session_get_ptr(session)));
    if (state.phase != State::Phase::handshake) return 0;  // renegotiation is refused elsewhere
    try {
        return check_hello(state, {message->data, message->size});
    } catch (...) {
        return GNUTLS_E_MEMORY_ERROR;
    }
}

// GnuTLS by itself says handshake_failure to a client of TLS 1.2 where only 1.3 is spoken.
bool has_common_version(gnutls_priority_t priority, const ClientHello& hello) {
    const unsigned* list = nullptr;
    const int count = gnutls_priority_protocol_list(priority, &list);
    // Without supported_versions legacy_version is the highest, and means TLS 1.2 at most.
    const bool listed = std::find(hello.extensions.begin(), hello.extensions.end(),
                                  kSupportedVersions) != hello.extensions.end();
    for (int i = 0; i < count; ++i) {
        const std::uint16_t version = list[i] == GNUTLS_TLS1_3 ? 0x0304 : 0x0303;
        if (!listed && version == 0x0303 && hello.versions.front() >= version) return true;
        if (listed && std::find(hello.versions.begin(), hello.versions.end(), version) !=
                          hello.versions.end())
            return true;
    }
    return false;
}

gnutls_certificate_request_t request_of(config::ClientCertificate mode) {
    switch (mode) {
        case config::ClientCertificate::none:
            return GNUTLS_CERT_IGNORE;
        case config::ClientCertificate::optional:
            return GNUTLS_CERT_REQUEST;
        case config::ClientCertificate::require:
            break;
    }
    return GNUTLS_CERT_REQUIRE;
}

}  // namespace

Result<void> ServerSession::State::set_up(const ClientHello& hello,
                                          const Digest256& plugin_policy) {
    const ServerContext::State& settings = context->state();
    first_hello = hello.raw;
    sni = hello.sni;
    alpn = hello.alpn;
    version_in_common = has_common_version(settings.priority.get(), hello);

    SessionStart start;
    start.flags = GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET;
    if (!settings.session_tickets) start.flags |= GNUTLS_NO_TICKETS;
    start.priority = settings.priority.get();
    start.credentials = settings.credentials_for(sni).handle.get();
    // RFC 7301 3.2 wants no_application_protocol for a client that offers only others.
    start.alpn_flags = GNUTLS_ALPN_MANDATORY;
    if (auto opened = open(start); !opened) return opened;

    gnutls_session_t handle = session.get();
    gnutls_handshake_set_hook_function(handle, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                       on_client_hello);
    gnutls_certificate_server_set_request(handle, request_of(settings.client_certificate));
    gnutls_certificate_send_x509_rdn_sequence(handle, settings.send_ca_names ? 0 : 1);
    gnutls_db_set_cache_expiration(handle, settings.ticket_lifetime_seconds);
    if (!settings.session_tickets) return {};

    TicketKey key = context->ticket_key(sni, plugin_policy);
    const gnutls_datum_t data = datum_of(key);
    const int status = gnutls_session_ticket_enable_server(handle, &data);
    gnutls_memset(key.data(), 0, key.size());
    if (status < 0) return internal_error(std::string("GnuTLS: ") + gnutls_strerror(status));
    return {};
}

}  // namespace postern::tls
