#include "core/base/endpoint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace postern {
namespace {

// Copied out, since a sockaddr need not be aligned for what it holds.
template <class T>
bool copy(const sockaddr* address, socklen_t length, T& out) {
    if (length < sizeof(T)) return false;
    std::memcpy(&out, address, sizeof(T));
    return true;
}

// As inet_ntop(3), which goes through printf: this is written for every request.
std::string dotted(const std::uint8_t* bytes) {
    std::array<char, INET_ADDRSTRLEN> text{};
    char* at = text.data();
    for (int i = 0; i < 4; ++i) {
        if (i > 0) *at++ = '.';
        at = std::to_chars(at, text.data() + text.size(), bytes[i]).ptr;
    }
    return {text.data(), at};
}

void set_ipv6(Endpoint& endpoint, const sockaddr_in6& address) {
    const std::uint8_t* bytes = address.sin6_addr.s6_addr;
    endpoint.port = ntohs(address.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
        endpoint.family = POSTERN_AF_INET;
        std::copy_n(bytes + 12, 4, endpoint.addr);
        return;
    }
    endpoint.family = POSTERN_AF_INET6;
    endpoint.scope = address.sin6_scope_id;
    std::copy_n(bytes, 16, endpoint.addr);
}

}  // namespace

Endpoint endpoint_from(const sockaddr* address, socklen_t length) {
    Endpoint endpoint{};
    if (address == nullptr || length < sizeof(sa_family_t)) return endpoint;
    sa_family_t family = AF_UNSPEC;
    std::memcpy(&family, reinterpret_cast<const char*>(address) + offsetof(sockaddr, sa_family),
                sizeof(family));
    sockaddr_in ipv4{};
    sockaddr_in6 ipv6{};
    if (family == AF_UNIX) {
        endpoint.family = POSTERN_AF_UNIX;
    } else if (family == AF_INET && copy(address, length, ipv4)) {
        endpoint.family = POSTERN_AF_INET;
        endpoint.port = ntohs(ipv4.sin_port);
        std::memcpy(endpoint.addr, &ipv4.sin_addr, sizeof(ipv4.sin_addr));
    } else if (family == AF_INET6 && copy(address, length, ipv6)) {
        set_ipv6(endpoint, ipv6);
    }
    return endpoint;
}

std::string address_text(const Endpoint& endpoint) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    switch (endpoint.family) {
        case POSTERN_AF_UNIX:
            return "unix";
        case POSTERN_AF_INET:
            return dotted(endpoint.addr);
        case POSTERN_AF_INET6:
            ::inet_ntop(AF_INET6, endpoint.addr, text.data(), text.size());
            if (endpoint.scope == 0) return text.data();
            return std::string(text.data()) + "%" + std::to_string(endpoint.scope);
        default:
            return "unknown";
    }
}

std::string endpoint_text(const Endpoint& endpoint) {
    const std::string address = address_text(endpoint);
    switch (endpoint.family) {
        case POSTERN_AF_INET:
            return address + ":" + std::to_string(endpoint.port);
        case POSTERN_AF_INET6:
            return "[" + address + "]:" + std::to_string(endpoint.port);
        default:
            return address;
    }
}

}  // namespace postern
