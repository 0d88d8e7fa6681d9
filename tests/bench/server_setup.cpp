#include "tests/bench/server_setup.h"

#include <csignal>
#include <cstdlib>
#include <iostream>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>

namespace postern::bench {
namespace {

constexpr char kPriority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
constexpr int kBacklog = 1024;

// For start-up only: the value when it is no error, or the end of the process.
int need(int code, const std::string& what) {
    if (code >= 0) return code;
    std::cerr << what << " failed (" << code << ")\n";
    std::exit(2);
}

int verify_client(gnutls_session_t session) {
    unsigned status = 0;
    if (gnutls_certificate_verify_peers2(session, &status) < 0) return GNUTLS_E_CERTIFICATE_ERROR;
    return status == 0 ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

}  // namespace

ServerOptions read_server_options(int argc, char** argv, Transport transport) {
    ServerOptions options;
    CLI::App app("A small server for the benchmark, on 127.0.0.1");
    app.add_option("--port", options.port)->required();
    if (transport == Transport::kTls) {
        app.add_option("--certificate", options.certificate)->required();
        app.add_option("--key", options.key)->required();
        app.add_option("--client-ca", options.client_ca, "Require a certificate under this CA");
        app.add_option("--upstream-port", options.upstream_port, "Where byte_relay connects to");
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);
    }
    std::signal(SIGPIPE, SIG_IGN);
    return options;
}

TlsSetup::TlsSetup(const ServerOptions& options) : asks_client_(!options.client_ca.empty()) {
    gnutls_certificate_credentials_t credentials = nullptr;
    need(gnutls_certificate_allocate_credentials(&credentials), "credentials");
    credentials_.reset(credentials);
    need(gnutls_certificate_set_x509_key_file(credentials, options.certificate.c_str(),
                                              options.key.c_str(), GNUTLS_X509_FMT_PEM),
         options.certificate);
    if (asks_client_) {
        need(gnutls_certificate_set_x509_trust_file(credentials, options.client_ca.c_str(),
                                                    GNUTLS_X509_FMT_PEM),
             options.client_ca);
        gnutls_certificate_set_verify_function(credentials, verify_client);
    }
    gnutls_priority_t priority = nullptr;
    need(gnutls_priority_init(&priority, kPriority, nullptr), kPriority);
    priority_.reset(priority);
    need(gnutls_session_ticket_key_generate(&ticket_key_), "ticket key");
}

TlsSetup::~TlsSetup() {
    gnutls_free(ticket_key_.data);
}

tls::SessionOwner TlsSetup::accept(int fd) const {
    gnutls_session_t session = nullptr;
    need(gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_AUTO_SEND_TICKET),
         "gnutls_init");
    gnutls_priority_set(session, priority_.get());
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get());
    gnutls_session_ticket_enable_server(session, &ticket_key_);
    if (asks_client_) gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_transport_set_int(session, fd);
    return tls::SessionOwner(session);
}

int finish_handshake(gnutls_session_t session) {
    const int code = gnutls_handshake(session);
    if (code < 0 || gnutls_session_is_resumed(session)) return code;
    return gnutls_session_ticket_send(session, 1, 0);
}

UniqueFd listen_on(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    need(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
    need(::listen(fd.get(), kBacklog), "listen");
    return fd;
}

int accept_one(int listener) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int on = 1;
    if (fd >= 0) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

UniqueFd make_epoll() {
    return UniqueFd(need(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
}

void watch(int epoll, int fd, void* tag) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = tag;
    need(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

std::string_view fixed_answer() {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n"
           "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
}

}  // namespace postern::bench
