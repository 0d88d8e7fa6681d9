#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/endpoint.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace postern::net {

// A listener's sockets, one for each event loop, already listening. They live across reloads:
// closing one of an SO_REUSEPORT group resets what is queued there.
struct ListenSockets {
    std::vector<UniqueFd> sockets;  // a unix socket has one, shared by all loops
    std::string address;            // "127.0.0.1:8443", with the port the kernel picked
    std::uint16_t port = 0;
    std::string unix_path;  // removed by whoever closes the sockets; empty for TCP

    ListenSockets() = default;
    ListenSockets(ListenSockets&&) = default;
    ListenSockets& operator=(ListenSockets&&) = default;
    ~ListenSockets();

    void close();  // with the unix socket's file
};

// `host` is an address (no name: what one resolves to may change under a running gate). The first
// socket binds without SO_REUSEPORT and sets it afterwards, so that a second daemon gets "address
// in use" instead of half the connections.
[[nodiscard]] Result<ListenSockets> listen_tcp(const std::string& host, std::uint16_t port,
                                               std::size_t count);
// A socket file nobody listens on any more is replaced; one in use, or anything else of that name,
// is an error.
[[nodiscard]] Result<ListenSockets> listen_unix(const std::string& path);

}  // namespace postern::net
