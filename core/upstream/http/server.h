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
#include "core/upstream/http/tls_connection.h"

namespace postern::upstream {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

// One URL of an upstream. Immutable but for what is known of its health; any thread.
struct HttpServer {
    std::string authority;                 // for Host: with the port if it is not the scheme's
    std::string path;                      // starts with "/"
    std::vector<SocketAddress> addresses;  // at least one
    std::shared_ptr<const TlsServer> tls;  // null: in plain text
    std::atomic<std::uint64_t> down_until_ns{0};  // a request could not reach it
    std::atomic<bool> unwell{false};              // it says so itself, or does not answer (health)

    // Tried last then.
    [[nodiscard]] bool is_down(std::uint64_t now_ns) const {
        return down_until_ns.load(std::memory_order_relaxed) > now_ns ||
               unwell.load(std::memory_order_relaxed);
    }
};

// Blocks for DNS.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> resolve_server(const config::Url& url);

// A socket on its way to `address`, non-blocking; empty with errno set.
[[nodiscard]] UniqueFd start_connection(const SocketAddress& address);

// The target at an upstream: the URL's path in the place of the route's, the query as it was.
[[nodiscard]] std::string rewrite_target(std::string_view target, std::string_view route_path,
                                         std::string_view url_path);
// The same where the first `prefix` bytes ("/.well-known/NAME") stand before the path, as RFC 8414
// and RFC 9728 section 3.1 put them; with nothing behind them it is the bare one of the upstream.
[[nodiscard]] std::string rewrite_well_known(std::string_view target, std::size_t prefix,
                                             std::string_view route_path,
                                             std::string_view url_path);

}  // namespace postern::upstream
