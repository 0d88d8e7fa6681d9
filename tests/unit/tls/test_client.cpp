#include "tests/unit/tls/test_client.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace postern::tls::test {
namespace {

void check(int status) {
    if (status < 0) throw std::runtime_error(gnutls_strerror(status));
}

}  // namespace

ssize_t Pipe::pull(std::span<std::uint8_t> into) {
    if (bytes.empty()) {
        if (closed) return 0;
        errno = EAGAIN;
        return -1;
    }
    const std::size_t size = std::min(into.size(), bytes.size());
    std::copy_n(bytes.begin(), size, into.begin());
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    return static_cast<ssize_t>(size);
}

ssize_t Pipe::push(ByteView data) {
    if (full) {
        errno = EAGAIN;
        return -1;
    }
    bytes.insert(bytes.end(), data.begin(), data.end());
    return static_cast<ssize_t>(data.size());
}

TestPeer::TestPeer(unsigned flags, const std::string& priority,
                   const std::vector<const Issued*>& certificates, Pipe& in, Pipe& out)
    : in_(in), out_(out) {
    gnutls_certificate_credentials_t credentials = nullptr;
    check(gnutls_certificate_allocate_credentials(&credentials));
    credentials_.reset(credentials);
    if (!certificates.empty()) {
        std::vector<gnutls_x509_crt_t> chain;
        for (const Issued* certificate : certificates) chain.push_back(certificate->handle.get());
        check(gnutls_certificate_set_x509_key(credentials, chain.data(),
                                              static_cast<int>(chain.size()),
                                              certificates.front()->key.get()));
    }

    gnutls_session_t session = nullptr;
    check(gnutls_init(&session, flags | GNUTLS_NONBLOCK));
    session_.reset(session);
    check(gnutls_priority_set_direct(session, priority.c_str(), nullptr));
    check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials));
    gnutls_transport_set_ptr(session, this);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_push_function(session, push);
}

// Sends its certificate whatever authorities the server names.
TestClient::TestClient(const ClientSetting& setting, Pipe& in, Pipe& out)
    : TestPeer(GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT, setting.priority, setting.certificates, in,
               out) {
    if (!setting.sni.empty())
        check(gnutls_server_name_set(session(), GNUTLS_NAME_DNS, setting.sni.data(),
                                     setting.sni.size()));
    std::vector<gnutls_datum_t> alpn;
    for (const std::string& name : setting.alpn) alpn.push_back(datum_of(as_bytes(name)));
    if (!alpn.empty())
        check(gnutls_alpn_set_protocols(session(), alpn.data(), static_cast<unsigned>(alpn.size()),
                                        0));
    if (!setting.session.empty())
        check(gnutls_session_set_data(session(), setting.session.data(), setting.session.size()));
}

ssize_t TestPeer::pull(gnutls_transport_ptr_t pointer, void* into, std::size_t size) {
    auto& self = *static_cast<TestPeer*>(pointer);
    const ssize_t result = self.in_.pull({static_cast<std::uint8_t*>(into), size});
    if (result < 0) gnutls_transport_set_errno(self.session_.get(), errno);
    return result;
}

ssize_t TestPeer::push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size) {
    return static_cast<TestPeer*>(pointer)->out_.push(
        {static_cast<const std::uint8_t*>(data), size});
}

ssize_t TestPeer::read(std::string& text) {
    char buffer[20000];
    const ssize_t size = gnutls_record_recv(session_.get(), buffer, sizeof buffer);
    text.assign(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
    return size;
}

ssize_t TestPeer::write(std::string_view text) {
    return gnutls_record_send(session_.get(), text.data(), text.size());
}

int TestPeer::read_alert(int& status) {
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED) return alert();
    for (int i = 0; i < 5; ++i) {
        std::string nothing;
        const ssize_t code = status == 0 ? read(nothing) : handshake();
        if (code == 0) status = 0;
        if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) return alert();
    }
    return -1;
}

Bytes TestClient::session_data() {
    GnutlsDatum data;
    check(gnutls_session_get_data2(session(), data.out()));
    return {data.view().begin(), data.view().end()};
}

std::string TestPeer::peer_name() const {
    unsigned count = 0;
    const gnutls_datum_t* list = gnutls_certificate_get_peers(session_.get(), &count);
    if (list == nullptr || count == 0) return {};
    const auto leaf = parse_certificate({list[0].data, list[0].size});
    return leaf && !leaf.value().common_names.empty() ? leaf.value().common_names.front()
                                                      : std::string();
}

Connection::Connection(std::shared_ptr<const ServerContext> context, const ClientSetting& setting,
                       const Digest256& plugin_policy)
    : client(setting, to_client, to_server) {
    client_status = client.handshake();
    HelloResult read = read_client_hello(to_server.bytes);
    if (read.status != HelloStatus::complete) throw std::runtime_error(read.detail);
    hello = std::move(read.hello);
    auto session = ServerSession::create(std::move(context), wire, hello, plugin_policy);
    if (!session) throw std::runtime_error(session.error().message);
    server = std::move(*session);
}

ServerSession::Handshake Connection::run() {
    for (int round = 0; round < 20; ++round) {
        const auto status = server->handshake();
        if (client_status != 0 && gnutls_error_is_fatal(client_status) == 0)
            client_status = client.handshake();
        if (status == ServerSession::Handshake::want_verdict) ++verdicts_wanted;
        if (status != ServerSession::Handshake::want_io) return status;
    }
    return ServerSession::Handshake::want_io;
}

ServerSession::Handshake Connection::run(ServerSession::Verdict verdict) {
    auto status = run();
    if (status != ServerSession::Handshake::want_verdict) return status;
    server->set_verdict(verdict);
    return run();
}

void Connection::deliver_ticket() {
    server->send_ticket();
    std::string nothing;
    (void)client.read(nothing);
}

}  // namespace postern::tls::test
