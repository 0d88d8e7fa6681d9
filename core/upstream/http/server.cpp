#include "core/upstream/http/server.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace postern::upstream {
namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string authority_of(const config::Url& url) {
    const bool ipv6 = url.host.find(':') != std::string::npos;
    std::string authority = ipv6 ? "[" + url.host + "]" : url.host;
    if (url.port != (url.uses_tls ? 443 : 80)) authority += ":" + std::to_string(url.port);
    return authority;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> resolve_server(const config::Url& url) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error =
        ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, FreeAddresses> list(found);
    if (error != 0) {
        return configuration_error("upstream " + url.text +
                                   ": the host cannot be resolved: " + ::gai_strerror(error));
    }
    auto server = std::make_unique<HttpServer>();
    server->authority = authority_of(url);
    server->path = url.path.empty() ? "/" : url.path;
    for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
        if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
        SocketAddress address;
        std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
        address.length = one->ai_addrlen;
        server->addresses.push_back(address);
    }
    if (server->addresses.empty()) {
        return configuration_error("upstream " + url.text + ": the host has no address");
    }
    return server;
}

UniqueFd start_connection(const SocketAddress& address) {
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return fd;
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A stream may be silent for hours; a server that is gone must still be noticed.
    ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(fd.get(), generic, address.length) != 0 && errno != EINPROGRESS) {
        const int error = errno;
        fd.reset();
        errno = error;
    }
    return fd;
}

std::string rewrite_target(std::string_view target, std::string_view route_path,
                           std::string_view url_path) {
    const std::string_view path = target.substr(0, target.find('?'));
    const std::string_view query = target.substr(path.size());
    std::string rewritten(url_path);
    if (path != route_path) {
        if (!route_path.empty() && route_path.back() == '/') route_path.remove_suffix(1);
        if (rewritten.back() == '/') rewritten.pop_back();
        rewritten += path.substr(std::min(route_path.size(), path.size()));
        if (rewritten.empty()) rewritten = "/";
    }
    return rewritten.append(query);
}

std::string rewrite_well_known(std::string_view target, std::size_t prefix,
                               std::string_view route_path, std::string_view url_path) {
    std::string rewritten(target.substr(0, prefix));
    const std::string_view rest = target.substr(prefix);
    const std::size_t query = std::min(rest.find('?'), rest.size());
    if (query > 1) {
        std::string path = rewrite_target(rest.substr(0, query), route_path, url_path);
        if (path != "/") rewritten += path;
    }
    return rewritten.append(rest.substr(query));
}

}  // namespace postern::upstream
