#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/unique_fd.h"
#include "core/tls/gnutls_handle.h"

// What the small servers of the benchmark share. They end with exit code 2 and one line when they
// cannot start; they stand for what the libraries cost and are no part of the product.
namespace postern::bench {

struct ServerOptions {
    std::uint16_t port = 0;
    std::string certificate;
    std::string key;
    std::string client_ca;            // empty: no client certificate is asked for
    std::uint16_t upstream_port = 0;  // byte_relay only
};

// `kPlain` servers take a port only.
enum class Transport { kPlain, kTls };
[[nodiscard]] ServerOptions read_server_options(int argc, char** argv, Transport transport);

// Credentials, policy and ticket key of one TLS server.
class TlsSetup {
public:
    explicit TlsSetup(const ServerOptions& options);
    ~TlsSetup();
    TlsSetup(const TlsSetup&) = delete;
    TlsSetup& operator=(const TlsSetup&) = delete;

    [[nodiscard]] tls::SessionOwner accept(int fd) const;

private:
    tls::CredentialsOwner credentials_;
    tls::PriorityOwner priority_;
    gnutls_datum_t ticket_key_{nullptr, 0};
    bool asks_client_ = false;
};

// 0: it is done; otherwise GnuTLS's code. A new session gets one ticket after its handshake.
[[nodiscard]] int finish_handshake(gnutls_session_t session);

[[nodiscard]] UniqueFd listen_on(std::uint16_t port);
// -1 when nobody waits.
[[nodiscard]] int accept_one(int listener);
[[nodiscard]] UniqueFd make_epoll();
void watch(int epoll, int fd, void* tag);

// 200 and the answer of a JSON-RPC ping, for the request that load_client sends.
[[nodiscard]] std::string_view fixed_answer();

}  // namespace postern::bench
