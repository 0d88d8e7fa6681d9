#include "core/upstream/http.h"

#include <algorithm>
#include <utility>

#include "core/upstream/http_backend.h"
#include "core/upstream/http_exchange.h"

namespace postern::upstream {

Result<std::shared_ptr<net::Upstream>> Http::create(const config::Http& settings,
                                                    std::string route_path,
                                                    std::uint64_t request_timeout_ns,
                                                    std::size_t loops) {
    auto backend = std::make_shared<HttpBackend>();
    backend->route_path = std::move(route_path);
    backend->request_timeout_ns = request_timeout_ns;
    for (const config::Url& url : settings.urls) {
        auto server = resolve_server(url);
        if (!server) return std::move(server).error();
        backend->servers.push_back(std::move(*server));
    }
    for (std::size_t i = 0; i < loops; ++i) backend->pools.push_back(std::make_shared<HttpPool>());
    return std::shared_ptr<net::Upstream>(std::make_shared<Http>(std::move(backend)));
}

Http::Http(std::shared_ptr<HttpBackend> backend) : backend_(std::move(backend)) {}

std::unique_ptr<net::Exchange> Http::handle(net::RequestRef request, net::Caller& caller,
                                            net::ResponseStream& response) {
    auto exchange = std::make_unique<HttpExchange>(backend_, std::move(request), caller, response);
    if (!exchange->start()) return nullptr;
    return exchange;
}

std::vector<std::size_t> HttpBackend::order(std::string_view session, std::uint64_t now_ns) {
    std::size_t first = next.fetch_add(1, std::memory_order_relaxed) % servers.size();
    const auto own = session.empty() ? std::nullopt : sessions.find(session);
    if (own) first = *own;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < servers.size(); ++i) order.push_back((first + i) % servers.size());
    std::stable_partition(order.begin(), order.end(), [&](std::size_t server) {
        return (own && server == *own) ||
               servers[server]->down_until_ns.load(std::memory_order_relaxed) <= now_ns;
    });
    return order;
}

}  // namespace postern::upstream
