#include "core/upstream/http/http.h"

#include <functional>
#include <utility>

#include "core/upstream/http/backend.h"
#include "core/upstream/http/exchange.h"
#include "core/upstream/http/health.h"

namespace postern::upstream {
namespace {

Result<std::shared_ptr<const TlsServer>> tls_server(const Outbound& outbound,
                                                    const config::Http& settings,
                                                    const config::Url& url) {
    const std::string& given = settings.tls->server_name;
    auto name = tls::parse_server_name(given.empty() ? url.host : given);
    if (!name) {
        return configuration_error(settings.tls->position.text() + ": upstream " + url.text + ": " +
                                   name.error().message);
    }
    auto server = std::make_shared<TlsServer>();
    server->context = outbound.context;
    server->pipeline = outbound.pipeline;
    server->name = std::move(*name);
    server->upstream = outbound.name;
    return std::shared_ptr<const TlsServer>(std::move(server));
}

}  // namespace

Result<std::shared_ptr<net::Upstream>> Http::create(const config::Http& settings, Place place,
                                                    std::optional<Outbound> outbound) {
    auto backend = std::make_shared<HttpBackend>();
    backend->name = std::move(place.name);
    backend->route_path = std::move(place.route_path);
    backend->request_timeout_ns = place.request_timeout_ns;
    for (const config::Url& url : settings.urls) {
        auto server = resolve_server(url);
        if (!server) return std::move(server).error();
        if (outbound) {
            auto tls = tls_server(*outbound, settings, url);
            if (!tls) return std::move(tls).error();
            (*server)->tls = std::move(*tls);
        }
        backend->servers.push_back(std::move(*server));
    }
    for (std::size_t i = 0; i < place.loops.size(); ++i) {
        backend->pools.push_back(std::make_shared<HttpPool>());
    }
    std::shared_ptr<plugin::Pipeline> pipeline;
    if (outbound) {
        backend->connections = std::move(outbound->connections);
        pipeline = std::move(outbound->pipeline);
    }
    return std::shared_ptr<net::Upstream>(std::make_shared<Http>(
        std::move(backend), settings.health, std::move(place.loops), std::move(pipeline)));
}

Http::Http(std::shared_ptr<HttpBackend> backend, config::Health health,
           std::vector<net::Loop*> loops, std::shared_ptr<plugin::Pipeline> pipeline)
    : backend_(std::move(backend)),
      health_settings_(std::move(health)),
      loops_(std::move(loops)),
      pipeline_(std::move(pipeline)) {}

Http::~Http() {
    Http::retire();
}

Result<void> Http::start() {
    if (pipeline_) {
        if (auto started = pipeline_->start(); !started) return started;
    }
    if (!health_settings_.path.empty()) {
        const std::size_t which = std::hash<std::string>{}(backend_->name) % loops_.size();
        health_ = HttpHealth::start(backend_, health_settings_, *loops_[which]);
    }
    return {};
}

std::unique_ptr<net::Exchange> Http::handle(net::RequestRef request, net::Caller& caller,
                                            net::ResponseStream& response) {
    auto exchange = std::make_unique<HttpExchange>(backend_, std::move(request), caller, response);
    if (!exchange->start()) return nullptr;
    return exchange;
}

void Http::review() {
    if (!pipeline_) return;
    ServerConnections::Rules rules;
    for (const auto& server : backend_->servers) rules.push_back(server->tls);
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_[i]->post([backend = backend_, rules, loop = loops_[i], i] {
            backend->pools[i]->clear();
            backend->connections[i]->review(*loop, rules);
        });
    }
}

void Http::retire() {
    if (health_) HttpHealth::retire(std::move(health_));
}

}  // namespace postern::upstream
