#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/tls/client_session.h"
#include "postern/call.h"
#include "tests/unit/tls/test_client.h"

namespace postern::tls::test {

struct ServerSetting {
    std::string priority = kTls13;
    std::vector<const Issued*> certificates = {};  // leaf first
    bool asks_for_certificate = false;
    Bytes ticket_key = {};  // empty: no tickets
    Bytes staple = {};      // whatever bytes
};

class TestServer : public TestPeer {
public:
    TestServer(const ServerSetting& setting, Pipe& in, Pipe& out);

    [[nodiscard]] std::string server_name() const;  // SNI

private:
    Bytes staple_;
    static int give_staple(gnutls_session_t session, void* pointer, gnutls_datum_t* response);
};

// One authority that clients trust, and a server's certificate of it for gate.example and
// 192.0.2.1.
struct TestUpstream {
    TestUpstream();

    void trust_nobody_else() { settings.trusted_ca = {folder.write("ca.crt", authority.pem())}; }
    [[nodiscard]] std::shared_ptr<const ClientContext> context() const;
    [[nodiscard]] ServerSetting served(const char* priority) const;
    [[nodiscard]] Issued issue_server(const std::function<void(Wanted&)>& change) const;

    TemporaryFolder folder;
    Issued authority;
    Issued server;
    config::ClientTls settings;
};

// A client session and a server that runs in the same thread.
struct ClientConnection {
    ClientConnection(std::shared_ptr<const ClientContext> context, const ServerSetting& setting,
                     std::string_view name = "gate.example");

    // Both sides go on until the client is done, fails or wants a verdict, or nothing moves.
    Session::Handshake run();
    // run(), and the host's judgement where one is wanted, as of kNow.
    Session::Handshake run_and_judge();
    [[nodiscard]] Verification judge(std::int64_t now = kNow) const;
    // What the client reads, the server having gone on first.
    Session::Read read(std::string& text);

    std::shared_ptr<const ClientContext> context;
    Pipe to_server;
    Pipe to_client;
    PipeWire wire{to_client, to_server};
    TestServer server;
    std::unique_ptr<ClientSession> client;
    int server_status = GNUTLS_E_AGAIN;
    int verdicts_wanted = 0;
};

}  // namespace postern::tls::test
