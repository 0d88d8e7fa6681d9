#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "core/upstream/http/pool.h"
#include "core/upstream/http/server.h"
#include "core/upstream/http/server_connections.h"
#include "core/upstream/session_affinity.h"

namespace postern::upstream {

// What the exchanges of one upstream share; outlives it as long as one of them runs.
struct HttpBackend {
    HttpBackend() = default;
    ~HttpBackend();  // any thread
    HttpBackend(const HttpBackend&) = delete;
    HttpBackend& operator=(const HttpBackend&) = delete;

    std::string name;  // for the log
    std::string route_path;
    std::uint64_t request_timeout_ns = 0;  // until the answer's head; 0: none
    std::vector<std::unique_ptr<HttpServer>> servers;
    std::vector<std::shared_ptr<HttpPool>> pools;                 // by Loop::index()
    std::vector<std::shared_ptr<ServerConnections>> connections;  // likewise; over TLS alone
    SessionAffinity sessions;
    std::atomic<std::size_t> next{0};

    // The servers in the order in which a request tries them: the session's own first, else in
    // turn; those that are down last.
    using Order = boost::container::small_vector<std::size_t, 8>;
    [[nodiscard]] Order order(std::string_view session, const tls::Identity& caller,
                              std::uint64_t now_ns);

    // A connection on its way to `address`, one of the server's; empty with errno set. The loop's
    // thread.
    [[nodiscard]] std::unique_ptr<Transport> connect(const HttpServer& server,
                                                     const SocketAddress& address, net::Loop& loop,
                                                     Transport::User& user) const;
};

}  // namespace postern::upstream
