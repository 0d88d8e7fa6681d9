#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tls/gnutls_handle.h"
#include "core/tls/server_session.h"
#include "tests/unit/tls/test_pki.h"

namespace postern::tls::test {

// One direction of a connection that lives in memory.
struct Pipe {
    Bytes bytes;
    bool closed = false;
    bool full = false;  // refuses more

    ssize_t pull(std::span<std::uint8_t> into);
    ssize_t push(ByteView data);
};

class PipeWire : public Wire {
public:
    PipeWire(Pipe& in, Pipe& out) : in_(in), out_(out) {}
    ssize_t pull(std::span<std::uint8_t> into) override { return in_.pull(into); }
    ssize_t push(ByteView records) override { return out_.push(records); }

private:
    Pipe& in_;
    Pipe& out_;
};

inline const char* const kTls12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
inline const char* const kTls13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

struct ClientSetting {
    std::string priority = kTls13;
    std::string sni = "gate.example";
    std::vector<std::string> alpn = {"http/1.1"};
    std::vector<const Issued*> certificates = {};  // leaf first; its key signs
    Bytes session = {};                            // to resume
};

// GnuTLS at the other end.
class TestPeer {
public:
    TestPeer(unsigned flags, const std::string& priority,
             const std::vector<const Issued*>& certificates, Pipe& in, Pipe& out);
    TestPeer(const TestPeer&) = delete;
    TestPeer& operator=(const TestPeer&) = delete;

    int handshake() { return gnutls_handshake(session_.get()); }
    // What gnutls_record_recv says; the text is what it gave.
    ssize_t read(std::string& text);
    ssize_t write(std::string_view text);
    [[nodiscard]] gnutls_session_t session() { return session_.get(); }
    [[nodiscard]] bool resumed() const { return gnutls_session_is_resumed(session_.get()) != 0; }
    // The other side's last word, or -1; in TLS 1.3 a client has reported success long before.
    // `status` is what handshake() said last.
    int read_alert(int& status);
    [[nodiscard]] int alert() const { return gnutls_alert_get(session_.get()); }
    [[nodiscard]] std::string peer_name() const;  // the common name of what it presented

protected:
    [[nodiscard]] gnutls_certificate_credentials_t credentials() { return credentials_.get(); }

private:
    Pipe& in_;
    Pipe& out_;
    CredentialsOwner credentials_;
    SessionOwner session_;

    static ssize_t pull(gnutls_transport_ptr_t pointer, void* into, std::size_t size);
    static ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size);
};

// A client that believes every server.
class TestClient : public TestPeer {
public:
    TestClient(const ClientSetting& setting, Pipe& in, Pipe& out);

    [[nodiscard]] Bytes session_data();
};

// A client and a server session, with the ClientHello read ahead as the gate does.
struct Connection {
    Connection(std::shared_ptr<const ServerContext> context, const ClientSetting& setting,
               const Digest256& plugin_policy = {});

    // Both sides go on until the server is done, fails or wants a verdict, or nothing moves.
    ServerSession::Handshake run();
    // run(), with this verdict where one is wanted.
    ServerSession::Handshake run(ServerSession::Verdict verdict);
    // After the handshake: the ticket goes out and the client has read it.
    void deliver_ticket();

    Pipe to_server;
    Pipe to_client;
    PipeWire wire{to_server, to_client};
    TestClient client;
    ClientHello hello;
    std::unique_ptr<ServerSession> server;
    int client_status = GNUTLS_E_AGAIN;
    int verdicts_wanted = 0;
};

}  // namespace postern::tls::test
