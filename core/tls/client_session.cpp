#include "core/tls/client_session.h"

#include <utility>

#include "core/tls/client_context_state.h"
#include "core/tls/session_state.h"

namespace postern::tls {

class ClientSession::State final : public Session::State {
public:
    State(std::shared_ptr<const ClientContext> owner, Wire& transport, ServerName server)
        : Session::State(transport), context_(std::move(owner)), server_(std::move(server)) {}
    ~State() override { session.reset(); }  // before the context that it points into

    [[nodiscard]] Result<void> set_up();
    [[nodiscard]] const ServerName& server() const { return server_; }
    [[nodiscard]] std::vector<Bytes> staples() const;

    [[nodiscard]] int check_settled() override;
    void has_read() override;
    [[nodiscard]] Io cut_off() override;

private:
    std::shared_ptr<const ClientContext> context_;
    ServerName server_;
    bool ticket_kept_ = false;
};

Result<std::unique_ptr<ClientSession>> ClientSession::create(
    std::shared_ptr<const ClientContext> context, Wire& wire, ServerName server) {
    auto state = std::make_unique<State>(std::move(context), wire, std::move(server));
    if (const auto ready = state->set_up(); !ready) return ready.error();
    return std::unique_ptr<ClientSession>(new ClientSession(std::move(state)));
}

ClientSession::ClientSession(std::unique_ptr<State> state) : Session(std::move(state)) {}

const ServerName& ClientSession::server() const {
    return static_cast<const State&>(own_state()).server();
}

std::vector<Bytes> ClientSession::staples() const {
    return static_cast<const State&>(own_state()).staples();
}

Result<void> ClientSession::State::set_up() {
    const ClientContext::State& settings = context_->state();
    SessionStart start;
    // Our certificate goes to every server that asks for one, whatever authorities it names: it is
    // there for this upstream alone.
    start.flags = GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT;
    start.priority = settings.priority.get();
    start.credentials = settings.credentials.get();
    if (auto opened = open(start); !opened) return opened;

    int status = gnutls_ocsp_status_request_enable_client(session.get(), nullptr, 0, nullptr);
    // RFC 6066 section 3: "Literal IPv4 and IPv6 addresses are not permitted".
    if (status >= 0 && !server_.is_address())
        status = gnutls_server_name_set(session.get(), GNUTLS_NAME_DNS, server_.text.data(),
                                        server_.text.size());
    if (status < 0) return internal_error(std::string("GnuTLS: ") + gnutls_strerror(status));
    // One that GnuTLS no longer takes costs a full handshake.
    if (const auto ticket = settings.tickets.take(server_.text))
        (void)gnutls_session_set_data(session.get(), ticket->data(), ticket->size());
    return {};
}

std::vector<Bytes> ClientSession::State::staples() const {
    std::vector<Bytes> staples;
    if (gnutls_session_is_resumed(session.get()) != 0) return staples;  // those would be the old
    for (unsigned i = 0; i < chain->size(); ++i) {
        gnutls_datum_t staple{nullptr, 0};
        if (gnutls_ocsp_status_request_get2(session.get(), i, &staple) < 0) staple.size = 0;
        staples.emplace_back(staple.data, staple.data + staple.size);
    }
    while (!staples.empty() && staples.back().empty()) staples.pop_back();
    return staples;
}

int ClientSession::State::check_settled() {
    return chain->size() == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND : 0;
}

// In TLS 1.3 tickets come with the first answer, in 1.2 with the handshake, and there one serves
// again. Either way it is kept only when the host has said yes and goes on to read.
void ClientSession::State::has_read() {
    if (ticket_kept_) return;
    const bool came = (gnutls_session_get_flags(session.get()) & GNUTLS_SFLAGS_SESSION_TICKET) != 0;
    const bool serves_again = gnutls_session_is_resumed(session.get()) != 0 &&
                              gnutls_protocol_get_version(session.get()) == GNUTLS_TLS1_2;
    if (!came && !serves_again) return;
    ticket_kept_ = true;
    GnutlsDatum data;
    if (gnutls_session_get_data2(session.get(), data.out()) < 0) return;
    context_->state().tickets.put(server_.text, {data.view().begin(), data.view().end()});
}

Session::Io ClientSession::State::cut_off() {
    phase = Phase::failed;
    failure = {POSTERN_REASON_PEER_CLOSED, "the connection ended without close_notify"};
    return Io::failed;
}

}  // namespace postern::tls
