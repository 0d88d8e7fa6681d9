#include "core/net/listen_socket.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace postern::net {
namespace {

constexpr int kBacklog = 4096;

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

Error listen_error(const std::string& where, const std::string& what) {
    return configuration_error("cannot listen on " + where + ": " + what);
}

Error listen_error_errno(const std::string& where) {
    const int error = errno;
    if (error == EADDRINUSE) {
        return listen_error(where,
                            "the address is in use by another process; stop that one or "
                            "choose another port");
    }
    return listen_error(where, std::strerror(error));
}

Result<Address> parse_address(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
        return configuration_error("cannot listen on \"" + host +
                                   "\": not an IPv4 or IPv6 address, e.g. \"127.0.0.1\" or \"::\"");
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    Address address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    return address;
}

enum class ReusePort { after_bind, before_bind };

Result<UniqueFd> bound_socket(const Address& address, ReusePort reuse_port,
                              const std::string& where) {
    UniqueFd socket(
        ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return listen_error_errno(where);
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (reuse_port == ReusePort::before_bind) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    if (::bind(socket.get(), address.get(), address.length) != 0) return listen_error_errno(where);
    if (reuse_port == ReusePort::after_bind) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    if (::listen(socket.get(), kBacklog) != 0) return listen_error_errno(where);
    return socket;
}

// True when somebody accepts connections there.
bool answers(const sockaddr_un& address) {
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!probe) return true;
    return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
               0 ||
           errno == EAGAIN;
}

}  // namespace

ListenSockets::~ListenSockets() {
    close();
}

void ListenSockets::close() {
    if (!unix_path.empty() && !sockets.empty()) ::unlink(unix_path.c_str());
    sockets.clear();
}

Result<ListenSockets> listen_tcp(const std::string& host, std::uint16_t port, std::size_t count) {
    auto address = parse_address(host, port);
    if (!address) return std::move(address).error();
    const std::string where = (host.find(':') == std::string::npos ? host : "[" + host + "]") +
                              ":" + std::to_string(port);

    ListenSockets result;
    auto first = bound_socket(*address, ReusePort::after_bind, where);
    if (!first) return std::move(first).error();
    result.sockets.push_back(std::move(*first));

    // Port 0: the others take the port that the first one got.
    Address actual;
    actual.length = sizeof actual.storage;
    if (::getsockname(result.sockets.front().get(), reinterpret_cast<sockaddr*>(&actual.storage),
                      &actual.length) != 0) {
        return listen_error_errno(where);
    }
    const Endpoint endpoint = endpoint_from(actual.get(), actual.length);
    result.port = endpoint.port;
    result.address = endpoint_text(endpoint);
    for (std::size_t i = 1; i < count; ++i) {
        auto next = bound_socket(actual, ReusePort::before_bind, result.address);
        if (!next) return std::move(next).error();
        result.sockets.push_back(std::move(*next));
    }
    return result;
}

Result<ListenSockets> listen_unix(const std::string& path) {
    const std::string where = "unix:" + path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return listen_error(where, "the path must be 1 to " +
                                       std::to_string(sizeof address.sun_path - 1) + " bytes long");
    }
    std::memcpy(address.sun_path, path.data(), path.size());

    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode)) {
            return listen_error(where, "a file of that name exists and is not a socket");
        }
        if (answers(address)) {
            errno = EADDRINUSE;
            return listen_error_errno(where);
        }
        ::unlink(path.c_str());
    }

    ListenSockets result;
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return listen_error_errno(where);
    }
    result.unix_path = path;
    result.address = where;
    // Who may connect is decided by the directory's and the socket's mode: owner and group.
    if (::chmod(path.c_str(), 0660) != 0 || ::listen(socket.get(), kBacklog) != 0) {
        return listen_error_errno(where);
    }
    result.sockets.push_back(std::move(socket));
    return result;
}

}  // namespace postern::net
