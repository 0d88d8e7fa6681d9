#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/base/unique_fd.h"
#include "core/config/configuration.h"

namespace postern::test {

// One accepted connection, blocking, on the server's thread.
class FakeConnection {
public:
    explicit FakeConnection(UniqueFd fd) : fd_(std::move(fd)) {}

    // A whole request as it was sent; empty at the end of the connection.
    std::string read_request() {
        std::string text;
        for (;;) {
            const auto end = text.find("\r\n\r\n");
            if (end != std::string::npos && text.size() >= end + 4 + body_length(text)) return text;
            char buffer[4096];
            const ssize_t size = ::recv(fd_.get(), buffer, sizeof buffer, 0);
            if (size <= 0) return {};
            text.append(buffer, static_cast<std::size_t>(size));
        }
    }
    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t size = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (size <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    // True when the peer closes within `milliseconds`.
    bool closes(int milliseconds) {
        pollfd poll{fd_.get(), POLLIN, 0};
        char byte = 0;
        return ::poll(&poll, 1, milliseconds) == 1 && ::recv(fd_.get(), &byte, 1, 0) <= 0;
    }

private:
    static std::size_t body_length(const std::string& text) {
        const auto at = text.find("Content-Length: ");
        return at == std::string::npos ? 0 : std::stoul(text.substr(at + 16, 12));
    }
    UniqueFd fd_;
};

// A port of the loopback address that is ours. As long as nobody listens on it, connections to it
// are refused, and nobody else is given it.
class LoopbackPort {
public:
    LoopbackPort() {
        socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        socklen_t length = sizeof address;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length);
        number_ = ntohs(address.sin_port);
    }
    [[nodiscard]] int socket() const { return socket_.get(); }
    [[nodiscard]] std::uint16_t number() const { return number_; }
    [[nodiscard]] config::Url url(std::string path = "/") const {
        return {"http://127.0.0.1", "127.0.0.1", number_, std::move(path)};
    }

private:
    UniqueFd socket_;
    std::uint16_t number_ = 0;
};

// Serves connections one after another, `count` of them, each by `serve`.
class FakeServer {
public:
    FakeServer(int count, std::function<void(FakeConnection&, int number)> serve) {
        ::listen(port_.socket(), 16);
        thread_ = std::thread([this, count, serve = std::move(serve)] {
            for (int i = 0; i < count; ++i) {
                UniqueFd fd(::accept4(port_.socket(), nullptr, nullptr, SOCK_CLOEXEC));
                if (!fd) return;
                FakeConnection connection(std::move(fd));
                serve(connection, i);
            }
        });
    }
    ~FakeServer() {
        ::shutdown(port_.socket(), SHUT_RDWR);
        thread_.join();
    }
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_.number(); }
    [[nodiscard]] config::Url url(std::string path = "/") const {
        return port_.url(std::move(path));
    }

private:
    LoopbackPort port_;
    std::thread thread_;
};

}  // namespace postern::test
