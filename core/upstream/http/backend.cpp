#include "core/upstream/http/backend.h"

#include <algorithm>
#include <utility>

#include "core/upstream/http/connection.h"
#include "core/upstream/http/tls_connection.h"

namespace postern::upstream {

HttpBackend::~HttpBackend() {
    for (auto& pool : pools) HttpPool::retire(std::move(pool));
}

HttpBackend::Order HttpBackend::order(std::string_view session, const tls::Identity& caller,
                                      std::uint64_t now_ns) {
    Order order;
    if (servers.size() == 1) {
        order.push_back(0);
        return order;
    }
    std::size_t first = next.fetch_add(1, std::memory_order_relaxed) % servers.size();
    const auto own = session.empty() ? std::nullopt : sessions.find(session, caller);
    if (own) first = *own;
    for (std::size_t i = 0; i < servers.size(); ++i) order.push_back((first + i) % servers.size());
    std::stable_partition(order.begin(), order.end(), [&](std::size_t server) {
        return (own && server == *own) || !servers[server]->is_down(now_ns);
    });
    return order;
}

std::unique_ptr<Transport> HttpBackend::connect(const HttpServer& server,
                                                const SocketAddress& address, net::Loop& loop,
                                                Transport::User& user) const {
    UniqueFd socket = start_connection(address);
    if (!socket) return nullptr;
    if (!server.tls) return std::make_unique<HttpConnection>(loop, std::move(socket), user);
    auto connection = std::make_unique<TlsConnection>(loop, std::move(socket), server.tls, user);
    connections[loop.index()]->add(*connection);
    return connection;
}

}  // namespace postern::upstream
