#include "core/gate/router.h"

#include <utility>
#include <variant>

#include "core/gate/authorization.h"
#include "core/gate/host_check.h"
#include "core/gate/refused_exchange.h"
#include "core/gate/route_table.h"
#include "core/gate/routed_exchange.h"
#include "core/mcp/inspection.h"
#include "core/mcp/transport_rules.h"

namespace postern::gate {
namespace {

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
    Router(HostCheck host_check, RouteTable routes, std::string contact)
        : host_check_(std::move(host_check)),
          routes_(std::move(routes)),
          contact_(std::move(contact)) {}

    std::unique_ptr<net::Exchange> handle(net::RequestRef request, net::Caller& caller,
                                          net::ResponseStream& response) override;
    std::optional<net::ErrorBody> error_body(Reason reason) const override {
        return net::ErrorBody{"application/json", refusal_text(reason, {}, contact_)};
    }

private:
    // Why the request goes nowhere, or nothing, and then `place` has its route.
    [[nodiscard]] std::optional<Refusal> find(const net::HttpRequest& request,
                                              const net::Caller& caller,
                                              RouteTable::Place& place) const;

    HostCheck host_check_;
    RouteTable routes_;
    std::string contact_;
};

std::optional<Refusal> Router::find(const net::HttpRequest& request, const net::Caller& caller,
                                    RouteTable::Place& place) const {
    if (!host_check_.host_allowed(request.host, request.headers.find("Host").value_or(""))) {
        return Refusal{POSTERN_REASON_HOST_NOT_ALLOWED, "Host is \"" + request.host + "\""};
    }
    if (const auto origin = request.headers.find("Origin");
        origin && !host_check_.origin_allowed(*origin, request.host)) {
        return Refusal{POSTERN_REASON_ORIGIN_NOT_ALLOWED,
                       "Origin is \"" + std::string(*origin) + "\""};
    }
    if (const auto site = request.headers.find("Sec-Fetch-Site").value_or("");
        !request.headers.find("Origin") && !host_check_.originless_allowed(site)) {
        return Refusal{POSTERN_REASON_ORIGIN_NOT_ALLOWED,
                       "no Origin, and Sec-Fetch-Site is \"" + std::string(site) + "\""};
    }
    place = routes_.find(request.host, request.path);
    if (!place.target) return Refusal{POSTERN_REASON_NO_ROUTE, "no route for " + request.path};
    // RFC 9110 section 15.5.20: a connection made for one name must not reach what stands behind
    // another.
    if (!caller.sni().empty() && caller.sni() != request.host &&
        routes_.find(caller.sni(), request.path).target != place.target) {
        return Refusal{POSTERN_REASON_MISDIRECTED,
                       "connected as \"" + caller.sni() + "\", asked for \"" + request.host + "\""};
    }
    return std::nullopt;
}

// What of a body must not go on, since the gate could not say what it asks for.
std::optional<Refusal> judge_body(const net::HttpRequest& request,
                                  const Result<mcp::Inspection>& inspection) {
    if (!request.body.empty() && !takes_body(request.method)) {
        return Refusal{POSTERN_REASON_REQUEST_MALFORMED, request.method + " with a body"};
    }
    if (!inspection) return Refusal{POSTERN_REASON_JSON_MALFORMED, inspection.error().message};
    if (inspection->content == mcp::Inspection::Content::uninspected && may_hide_json(request)) {
        return Refusal{
            POSTERN_REASON_JSON_MALFORMED,
            "JSON, or what may hide it, under another Content-Type than application/json"};
    }
    return std::nullopt;
}

// What is published is read, by clients that have no session or token yet, and past the rules of
// the MCP messages: nothing is asked or changed there.
std::optional<Refusal> judge_well_known(const net::HttpRequest& request) {
    const std::string& method = request.method;
    if (!request.path.starts_with("/.well-known/") || method == "GET" || method == "HEAD" ||
        method == "OPTIONS") {
        return std::nullopt;
    }
    Refusal refusal(POSTERN_REASON_REQUEST_MALFORMED, method + " of a well-known path");
    refusal.fault = mcp::method_not_allowed();
    refusal.allow = "GET, HEAD, OPTIONS";
    return refusal;
}

// Where the gate is the MCP server's HTTP side, a body that is no message is refused in that
// server's words. An HTTP server's it cannot know.
std::optional<mcp::RequestFault> fault_of_body(const net::HttpRequest& request,
                                               const Refusal& refusal, const RouteTarget* target) {
    if (target == nullptr || std::holds_alternative<config::Http>(target->route.upstream) ||
        refusal.reason != POSTERN_REASON_JSON_MALFORMED || request.method != "POST") {
        return std::nullopt;
    }
    if (auto fault = mcp::check_content(request)) return fault;
    return mcp::refused_body(request.body, "the body is not a JSON-RPC message");
}

std::unique_ptr<net::Exchange> Router::handle(net::RequestRef request, net::Caller& caller,
                                              net::ResponseStream& response) {
    auto inspection = mcp::inspect(*request);
    RouteTable::Place place;
    auto refusal = find(*request, caller, place);
    if (!refusal) refusal = judge_well_known(*request);
    if (!refusal) refusal = judge_body(*request, inspection);
    if (refusal) {
        if (!refusal->fault) {
            refusal->fault = fault_of_body(*request, *refusal, place.target.get());
        }
        RefusedParts parts;
        if (place.target) parts.route = place.target->route.name;
        if (inspection) {
            parts.messages = std::move(inspection->messages);
        } else {
            parts.id = mcp::id_of_refused(request->body);
        }
        parts.contact = contact_;
        parts.request = std::move(request);
        auto refused = std::make_unique<RefusedExchange>(std::move(*refusal), std::move(parts),
                                                         caller, response);
        refused->start();
        if (refused->finished()) return nullptr;
        return refused;
    }
    auto exchange = std::make_unique<RoutedExchange>(
        std::move(place), std::move(request), std::move(inspection->messages), caller, response);
    exchange->start();
    if (exchange->finished()) return nullptr;
    return exchange;
}

}  // namespace

Result<std::shared_ptr<net::Upstream>> make_router(const config::Listener& listener,
                                                   std::vector<std::string> server_names,
                                                   const std::string& contact,
                                                   const Surroundings& surroundings,
                                                   upstream::Upstreams& upstreams) {
    std::vector<RouteTargetRef> routes;
    for (const config::Route& route : listener.routes) {
        auto upstream = upstreams.get(listener.name, route);
        if (!upstream) return std::move(upstream).error();
        auto authorization = read_authorization(route);
        if (!authorization) return std::move(authorization).error();
        routes.push_back(std::make_shared<const RouteTarget>(RouteTarget{
            route, std::move(*upstream), surroundings.sessions.of(listener.name, route.name),
            surroundings.standings.of(listener.name, route), std::move(*authorization), contact}));
    }
    return std::shared_ptr<net::Upstream>(std::make_shared<Router>(
        HostCheck(listener, std::move(server_names)), RouteTable(std::move(routes)), contact));
}

}  // namespace postern::gate
