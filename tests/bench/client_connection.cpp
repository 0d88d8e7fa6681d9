#include "tests/bench/client_connection.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/bench/http_length.h"

namespace postern::bench {
namespace {

constexpr char kPriority[] =
    "NONE:+VERS-TLS1.3:+AES-128-GCM:+AEAD:+ECDHE-ECDSA:+GROUP-X25519:+SIGN-ECDSA-SECP256R1-SHA256:"
    "+SIGN-ECDSA-SHA256:+CTYPE-X509:+COMP-NULL";
constexpr char kServerName[] = "localhost";
constexpr std::size_t kLongestAnswer = 16384;

std::string mcp_ping() {
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

Result<UniqueFd> connect_to(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return internal_error(std::string("socket: ") + std::strerror(errno));
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return internal_error(std::string("connect: ") + std::strerror(errno));
    }
    return fd;
}

}  // namespace

Result<Approach> make_approach(std::uint16_t port) {
    gnutls_priority_t priority = nullptr;
    const char* position = nullptr;
    if (const int code = gnutls_priority_init(&priority, kPriority, &position); code < 0) {
        return internal_error(std::string("priority: ") + gnutls_strerror(code) + " at " +
                              (position ? position : ""));
    }
    return Approach{port, tls::PriorityOwner(priority), mcp_ping()};
}

Result<ClientConnection> ClientConnection::open(const Approach& approach,
                                                gnutls_certificate_credentials_t credentials,
                                                const std::vector<unsigned char>& ticket) {
    gnutls_session_t handle = nullptr;
    if (gnutls_init(&handle, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0) {
        return internal_error("gnutls_init failed");
    }
    tls::SessionOwner session(handle);
    gnutls_priority_set(handle, approach.priority.get());
    gnutls_credentials_set(handle, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_server_name_set(handle, GNUTLS_NAME_DNS, kServerName, sizeof kServerName - 1);
    gnutls_handshake_set_timeout(handle, GNUTLS_INDEFINITE_TIMEOUT);  // the run has a deadline
    if (!ticket.empty()) {
        if (const int code = gnutls_session_set_data(handle, ticket.data(), ticket.size());
            code < 0) {
            return internal_error(std::string("ticket: ") + gnutls_strerror(code));
        }
    }
    Result<UniqueFd> fd = connect_to(approach.port);
    if (!fd) return fd.error();
    gnutls_transport_set_int(handle, fd->get());
    return ClientConnection(approach, std::move(*fd), std::move(session));
}

ClientConnection::Progress ClientConnection::advance() {
    if (state_ == State::handshaking) {
        int code = 0;
        do {
            code = gnutls_handshake(tls_.get());
        } while (code == GNUTLS_E_INTERRUPTED);
        if (code < 0) return after(code, "handshake");
        state_ = State::sending;
    }
    if (state_ == State::sending) {
        const std::string& request = approach_->request;
        const auto sent = gnutls_record_send(tls_.get(), request.data(), request.size());
        if (sent < 0) return after(sent, "request");
        state_ = State::receiving;
        answer_.clear();
    }
    return receive();
}

void ClientConnection::say_goodbye() {
    gnutls_bye(tls_.get(), GNUTLS_SHUT_WR);
}

std::string ClientConnection::suite() const {
    std::string text;
    if (char* description = gnutls_session_get_desc(tls_.get())) {
        text = description;
        gnutls_free(description);
    }
    return text;
}

Result<std::vector<unsigned char>> ClientConnection::ticket() const {
    if ((gnutls_session_get_flags(tls_.get()) & GNUTLS_SFLAGS_SESSION_TICKET) == 0) {
        return internal_error("the server sent no session ticket before its answer");
    }
    tls::GnutlsDatum data;
    if (const int code = gnutls_session_get_data2(tls_.get(), data.out()); code < 0) {
        return internal_error(std::string("ticket: ") + gnutls_strerror(code));
    }
    return std::vector<unsigned char>(data.view().begin(), data.view().end());
}

ClientConnection::Progress ClientConnection::after(long code, const char* what) {
    if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED) return Progress::waiting;
    failure_ = std::string(what) + ": " + gnutls_strerror(static_cast<int>(code));
    if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        const char* name = gnutls_alert_get_name(gnutls_alert_get(tls_.get()));
        failure_ += std::string(" ") + (name ? name : "unknown alert");
    }
    return Progress::failed;
}

ClientConnection::Progress ClientConnection::receive() {
    std::array<char, 4096> chunk;
    while (true) {
        const auto count = gnutls_record_recv(tls_.get(), chunk.data(), chunk.size());
        if (count < 0) return after(count, "answer");
        if (count == 0) {
            failure_ = "the server closed before its answer was complete";
            return Progress::failed;
        }
        answer_.append(chunk.data(), static_cast<std::size_t>(count));
        if (const std::optional<std::size_t> length = http_message_length(answer_)) {
            if (answer_.size() >= *length) return judge_answer(*length);
        }
        if (answer_.size() > kLongestAnswer) {
            failure_ = "the answer is longer than 16 KiB";
            return Progress::failed;
        }
    }
}

ClientConnection::Progress ClientConnection::judge_answer(std::size_t length) {
    constexpr std::string_view kExpected = "HTTP/1.1 200";
    if (answer_.size() == length && answer_.starts_with(kExpected)) return Progress::answered;
    failure_ = "unexpected answer: " + answer_.substr(0, answer_.find("\r\n"));
    return Progress::failed;
}

}  // namespace postern::bench
