#include "tests/unit/tls/test_server.h"

#include <algorithm>

namespace postern::tls::test {
namespace {

void check(int status) {
    if (status < 0) throw std::runtime_error(gnutls_strerror(status));
}

}  // namespace

TestServer::TestServer(const ServerSetting& setting, Pipe& in, Pipe& out)
    : TestPeer(GNUTLS_SERVER, setting.priority, setting.certificates, in, out),
      staple_(setting.staple) {
    if (setting.asks_for_certificate)
        gnutls_certificate_server_set_request(session(), GNUTLS_CERT_REQUIRE);
    if (!setting.ticket_key.empty()) {
        const gnutls_datum_t key = datum_of(setting.ticket_key);
        check(gnutls_session_ticket_enable_server(session(), &key));
    }
    if (!staple_.empty())
        gnutls_certificate_set_ocsp_status_request_function(credentials(), give_staple, &staple_);
}

int TestServer::give_staple(gnutls_session_t, void* pointer, gnutls_datum_t* response) {
    const Bytes& staple = *static_cast<const Bytes*>(pointer);
    response->data = static_cast<unsigned char*>(gnutls_malloc(staple.size()));
    response->size = static_cast<unsigned>(staple.size());
    std::copy(staple.begin(), staple.end(), response->data);
    return 0;
}

std::string TestServer::server_name() const {
    char name[256] = {};
    std::size_t size = sizeof name;
    unsigned type = 0;
    // Const in all but its signature.
    auto* const self = const_cast<TestServer*>(this);
    if (gnutls_server_name_get(self->session(), name, &size, &type, 0) < 0) return {};
    return {name, size};
}

TestUpstream::TestUpstream()
    : authority(issue_authority("server ca")), server(issue_server([](Wanted&) {})) {
    trust_nobody_else();
}

std::shared_ptr<const ClientContext> TestUpstream::context() const {
    auto created = ClientContext::create(settings);
    if (!created) throw std::runtime_error(created.error().message);
    return *created;
}

ServerSetting TestUpstream::served(const char* priority) const {
    ServerSetting setting;
    setting.priority = priority;
    setting.certificates = {&server};
    return setting;
}

Issued TestUpstream::issue_server(const std::function<void(Wanted&)>& change) const {
    Wanted wanted;
    wanted.common_name = "gate";
    wanted.dns = {"gate.example"};
    wanted.ip = {std::string("\xc0\x00\x02\x01", 4)};
    wanted.purposes = {GNUTLS_KP_TLS_WWW_SERVER};
    wanted.issuer = &authority;
    change(wanted);
    return issue(wanted);
}

ClientConnection::ClientConnection(std::shared_ptr<const ClientContext> client_context,
                                   const ServerSetting& setting, std::string_view name)
    : context(std::move(client_context)), server(setting, to_server, to_client) {
    auto parsed = parse_server_name(name);
    if (!parsed) throw std::runtime_error(parsed.error().message);
    auto session = ClientSession::create(context, wire, *parsed);
    if (!session) throw std::runtime_error(session.error().message);
    client = std::move(*session);
}

Session::Handshake ClientConnection::run() {
    for (int round = 0; round < 20; ++round) {
        const auto status = client->handshake();
        if (server_status != 0 && gnutls_error_is_fatal(server_status) == 0)
            server_status = server.handshake();
        if (status == Session::Handshake::want_verdict) ++verdicts_wanted;
        if (status != Session::Handshake::want_io) return status;
    }
    return Session::Handshake::want_io;
}

Session::Handshake ClientConnection::run_and_judge() {
    const auto status = run();
    if (status != Session::Handshake::want_verdict) return status;
    const bool good = (judge().flags & ~POSTERN_VERIFY_SKIPPED) == 0;
    client->set_verdict(good ? Session::Verdict::accept : Session::Verdict::refuse);
    return run();
}

Verification ClientConnection::judge(std::int64_t now) const {
    return context->verify_server(client->peer_chain(), client->server(), now);
}

Session::Read ClientConnection::read(std::string& text) {
    if (server_status != 0 && gnutls_error_is_fatal(server_status) == 0)
        server_status = server.handshake();
    std::uint8_t buffer[1024];
    const auto read = client->read(buffer);
    text.assign(as_text({buffer, read.size}));
    return read;
}

}  // namespace postern::tls::test
