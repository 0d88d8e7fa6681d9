#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/config/configuration.h"

namespace postern::upstream {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

// One URL of an upstream. Immutable but for what is known of its health; any thread.
struct HttpServer {
    std::string authority;                        // for Host: with the port if it is not 80
    std::string path;                             // starts with "/"
    std::vector<SocketAddress> addresses;         // at least one
    std::atomic<std::uint64_t> down_until_ns{0};  // asked last until then
};

// Blocks for DNS.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> resolve_server(const config::Url& url);

// A socket on its way to `address`, non-blocking; empty with errno set.
[[nodiscard]] UniqueFd start_connection(const SocketAddress& address);

// The target at an upstream: the URL's path in the place of the route's, the query as it was.
[[nodiscard]] std::string rewrite_target(std::string_view target, std::string_view route_path,
                                         std::string_view url_path);

}  // namespace postern::upstream
