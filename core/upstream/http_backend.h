#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/upstream/http_pool.h"
#include "core/upstream/http_server.h"
#include "core/upstream/session_affinity.h"

namespace postern::upstream {

// What the exchanges of one upstream share; outlives it as long as one of them runs.
struct HttpBackend {
    std::string route_path;
    std::uint64_t request_timeout_ns = 0;  // until the answer's head; 0: none
    std::vector<std::unique_ptr<HttpServer>> servers;
    std::vector<std::shared_ptr<HttpPool>> pools;  // by Loop::index()
    SessionAffinity sessions;
    std::atomic<std::size_t> next{0};

    // The servers in the order in which a request tries them: the session's own first, else in
    // turn; those that could not be reached a moment ago last.
    [[nodiscard]] std::vector<std::size_t> order(std::string_view session, std::uint64_t now_ns);
};

}  // namespace postern::upstream
