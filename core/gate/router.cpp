#include "core/gate/router.h"

#include <algorithm>
#include <utility>

#include "core/gate/host_check.h"
#include "core/gate/routed_exchange.h"
#include "core/mcp/inspection.h"
#include "core/upstream/upstream.h"

namespace postern::gate {
namespace {

// True when `path` is `prefix` or lies below it, by whole segments.
bool lies_below(std::string_view path, std::string_view prefix) {
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (!path.starts_with(prefix)) return false;
    return path.size() == prefix.size() || path[prefix.size()] == '/';
}

// A server that reads JSON whatever its type is called would hear what policy did not. In UTF-8,
// UTF-16 and UTF-32 a JSON-RPC message has this byte; a form, as clients encode it, has not. What
// is compressed shows nothing.
bool may_hide_json(const net::HttpRequest& request) {
    if (request.body.empty()) return false;
    return request.body.find('{') != std::string::npos ||
           request.headers.find("Content-Encoding").has_value() ||
           !mcp::reads_as_utf8(request.headers.find("Content-Type").value_or(""));
}

bool takes_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

class Router final : public net::Upstream {
public:
    Router(HostCheck host_check, std::vector<std::shared_ptr<const RouteTarget>> routes)
        : host_check_(std::move(host_check)), routes_(std::move(routes)) {}

    std::unique_ptr<net::Exchange> handle(net::RequestRef request, net::Caller& caller,
                                          net::ResponseStream& response) override;

private:
    struct Found {
        std::shared_ptr<const RouteTarget> target;
        Reason reason = 0;
        std::string detail;
    };
    [[nodiscard]] Found find(const net::HttpRequest& request, const net::Caller& caller) const;
    [[nodiscard]] std::shared_ptr<const RouteTarget> route_for(std::string_view host,
                                                               std::string_view path) const;

    HostCheck host_check_;
    std::vector<std::shared_ptr<const RouteTarget>> routes_;  // longest path first
};

std::shared_ptr<const RouteTarget> Router::route_for(std::string_view host,
                                                     std::string_view path) const {
    for (const auto& target : routes_) {
        const bool this_host = target->route.host.empty() || target->route.host == host;
        if (this_host && lies_below(path, target->route.path)) return target;
    }
    return nullptr;
}

Router::Found Router::find(const net::HttpRequest& request, const net::Caller& caller) const {
    if (!host_check_.host_allowed(request.host)) {
        return {nullptr, POSTERN_REASON_HOST_NOT_ALLOWED, "Host is \"" + request.host + "\""};
    }
    if (const auto origin = request.headers.find("Origin");
        origin && !host_check_.origin_allowed(*origin, request.host)) {
        return {nullptr, POSTERN_REASON_ORIGIN_NOT_ALLOWED,
                "Origin is \"" + std::string(*origin) + "\""};
    }
    auto target = route_for(request.host, request.path);
    if (!target) return {nullptr, POSTERN_REASON_NO_ROUTE, "no route for " + request.path};
    // RFC 9110 section 15.5.20: a connection made for one name must not reach what stands behind
    // another.
    if (!caller.sni().empty() && caller.sni() != request.host &&
        route_for(caller.sni(), request.path) != target) {
        return {nullptr, POSTERN_REASON_MISDIRECTED,
                "connected as \"" + caller.sni() + "\", asked for \"" + request.host + "\""};
    }
    return {std::move(target), 0, {}};
}

// One question for each MCP message, or one for a request without any.
std::vector<Question> questions_about(const net::HttpRequest& http, const mcp::Messages& messages,
                                      const RouteTarget& target, const net::Caller& caller) {
    plugin::Request common;
    common.route = target.route.name;
    common.path = http.path;
    common.http_method = http.method;
    common.identity = caller.identity().name;
    common.session = std::string(http.headers.find("Mcp-Session-Id").value_or(""));
    common.body_size = http.body.size();
    common.peer = caller.chain();

    std::vector<Question> questions;
    for (const mcp::Message& message : messages.all) {
        auto request = std::make_shared<plugin::Request>(common);
        request->era = message.era;
        request->method = message.method;
        request->name = message.name;
        request->name_kind = message.name_kind;
        questions.push_back({std::move(request), message.id});
    }
    if (questions.empty()) {
        questions.push_back({std::make_shared<plugin::Request>(std::move(common)), {}});
    }
    return questions;
}

std::unique_ptr<net::Exchange> Router::handle(net::RequestRef request, net::Caller& caller,
                                              net::ResponseStream& response) {
    Found found = find(*request, caller);
    if (!found.target) {
        response.fail(found.reason, std::move(found.detail));
        return nullptr;
    }
    if (!request->body.empty() && !takes_body(request->method)) {
        response.fail(POSTERN_REASON_REQUEST_MALFORMED, request->method + " with a body");
        return nullptr;
    }
    auto inspection = mcp::inspect(*request);
    if (!inspection) {
        response.fail(POSTERN_REASON_JSON_MALFORMED, inspection.error().message);
        return nullptr;
    }
    if (inspection->content == mcp::Inspection::Content::uninspected && may_hide_json(*request)) {
        response.fail(
            POSTERN_REASON_JSON_MALFORMED,
            "JSON, or what may hide it, under another Content-Type than application/json");
        return nullptr;
    }
    std::vector<Question> questions;
    if (caller.pipeline_wants_requests()) {
        questions = questions_about(*request, inspection->messages, *found.target, caller);
    }
    auto exchange = std::make_unique<RoutedExchange>(std::move(found.target), std::move(request),
                                                     std::move(questions), caller, response);
    exchange->advance();
    if (exchange->finished()) return nullptr;
    return exchange;
}

}  // namespace

Result<std::shared_ptr<net::Upstream>> make_router(const config::Listener& listener,
                                                   std::vector<std::string> server_names,
                                                   std::size_t loops) {
    std::vector<std::shared_ptr<const RouteTarget>> routes;
    for (const config::Route& route : listener.routes) {
        auto upstream = upstream::make_upstream(route, loops);
        if (!upstream) return std::move(upstream).error();
        routes.push_back(
            std::make_shared<const RouteTarget>(RouteTarget{route, std::move(*upstream)}));
    }
    // The longest path wins; of equals, the one with a host.
    std::stable_sort(routes.begin(), routes.end(), [](const auto& left, const auto& right) {
        if (left->route.path.size() != right->route.path.size()) {
            return left->route.path.size() > right->route.path.size();
        }
        return !left->route.host.empty() && right->route.host.empty();
    });
    return std::shared_ptr<net::Upstream>(
        std::make_shared<Router>(HostCheck(listener, std::move(server_names)), std::move(routes)));
}

}  // namespace postern::gate
