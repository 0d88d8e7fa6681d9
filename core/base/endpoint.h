#pragma once

#include <string>

#include <sys/socket.h>

#include "postern/types.h"

namespace postern {

using Endpoint = postern_endpoint;

// IPv4-mapped IPv6 addresses become IPv4, so that every rule counts them once.
[[nodiscard]] Endpoint endpoint_from(const sockaddr* address, socklen_t length);
[[nodiscard]] std::string address_text(
    const Endpoint& endpoint);  // "192.0.2.1", "fe80::1%2", "unix"
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);  // "192.0.2.1:443", "[::1]:443"

}  // namespace postern
