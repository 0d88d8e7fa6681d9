// How a GnuTLS session is put over the wire, and the callbacks through which it reaches the wire
// and the host's verdict. No exception may leave these callbacks.
#include <cerrno>

#include "core/tls/session_state.h"

namespace postern::tls {
namespace {

using State = Session::State;

// Of one handshake message: of a certificate chain above all.
constexpr std::size_t kMaxHandshakeMessage = 64 * 1024;

State& state_of(gnutls_transport_ptr_t pointer) {
    return *static_cast<State*>(pointer);
}

ssize_t report(State& state, ssize_t result) {
    if (result < 0) {
        state.wire_errno = errno;
        gnutls_transport_set_errno(state.session.get(), errno);
    }
    return result;
}

extern "C" ssize_t pull_from_wire(gnutls_transport_ptr_t pointer, void* into, std::size_t size) {
    State& state = state_of(pointer);
    return report(state, state.wire.pull({static_cast<std::uint8_t*>(into), size}));
}

extern "C" ssize_t push_to_wire(gnutls_transport_ptr_t pointer, const void* data,
                                std::size_t size) {
    State& state = state_of(pointer);
    return report(state, state.wire.push({static_cast<const std::uint8_t*>(data), size}));
}

// GnuTLS suspends the handshake when its verify function returns GNUTLS_E_INTERRUPTED, and calls it
// again on the next gnutls_handshake: so a verdict may take its time. That is not documented;
// tests/unit/tls holds it.
extern "C" int on_peer_certificate(gnutls_session_t session) {
    State& state = state_of(gnutls_session_get_ptr(session));
    if (state.decision == State::Decision::accept) return 0;
    if (state.decision == State::Decision::refuse) return GNUTLS_E_CERTIFICATE_ERROR;
    try {
        if (!state.load_peer_chain()) return GNUTLS_E_CERTIFICATE_ERROR;
    } catch (...) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    if (state.chain->size() == 0) return 0;  // optional, and none was sent
    state.phase = State::Phase::verdict;
    return GNUTLS_E_INTERRUPTED;
}

}  // namespace

Result<void> Session::State::open(const SessionStart& start) {
    gnutls_session_t handle = nullptr;
    int status = gnutls_init(&handle, start.flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    if (status < 0) return internal_error(std::string("GnuTLS: ") + gnutls_strerror(status));
    session.reset(handle);

    gnutls_session_set_ptr(handle, this);
    gnutls_transport_set_ptr(handle, this);
    gnutls_transport_set_pull_function(handle, pull_from_wire);
    gnutls_transport_set_push_function(handle, push_to_wire);
    gnutls_handshake_set_max_packet_length(handle, kMaxHandshakeMessage);
    gnutls_session_set_verify_function(handle, on_peer_certificate);

    status = gnutls_priority_set(handle, start.priority);
    if (status >= 0)
        status = gnutls_credentials_set(handle, GNUTLS_CRD_CERTIFICATE, start.credentials);
    const gnutls_datum_t http = datum_of(as_bytes("http/1.1"));
    if (status >= 0) status = gnutls_alpn_set_protocols(handle, &http, 1, start.alpn_flags);
    if (status < 0) return internal_error(std::string("GnuTLS: ") + gnutls_strerror(status));
    return {};
}

}  // namespace postern::tls
