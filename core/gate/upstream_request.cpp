#include "core/gate/upstream_request.h"

#include <memory>
#include <utility>

#include "core/gate/identity_fields.h"

namespace postern::gate {

Result<net::RequestRef> request_for_upstream(net::RequestRef request,
                                             const RouteTable::Place& place, Session session,
                                             const net::Caller& caller) {
    using Kind = config::Authorization::Kind;
    const config::Route& route = place.target->route;
    const bool unchanged = route.authorization.kind == Kind::pass && !route.client_cert_headers &&
                           !route.x_client_headers && session == Session::keep &&
                           place.well_known == 0;
    if (unchanged) return request;

    // A copy with its body: what came is shared and stays as it was. Only routes that ask for it,
    // and rare requests, pay for that.
    auto changed = std::make_shared<net::HttpRequest>(*request);
    request.reset();
    changed->well_known = place.well_known;
    if (session == Session::drop) changed->headers.remove("Mcp-Session-Id");
    if (route.authorization.kind != Kind::pass) changed->headers.remove("Authorization");
    if (route.authorization.kind == Kind::replace) {
        changed->gate_fields.add("Authorization", place.target->authorization);
    }
    if (auto added =
            add_identity_fields(route, caller.chain(), caller.identity(), changed->gate_fields);
        !added) {
        return std::move(added).error();
    }
    return net::RequestRef(std::move(changed));
}

}  // namespace postern::gate
