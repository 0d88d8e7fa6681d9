#pragma once

#include "core/base/result.h"
#include "core/gate/route_table.h"
#include "core/net/exchange.h"

namespace postern::gate {

enum class Session : bool { drop = false, keep = true };

// The request as the upstream gets to see it: Authorization as the route has it, the client's
// certificate where the route tells of it, without a session that is not the client's. `request`
// itself where nothing of that changes it. The error: the certificate does not fit into a head.
[[nodiscard]] Result<net::RequestRef> request_for_upstream(net::RequestRef request,
                                                           const RouteTable::Place& place,
                                                           Session session,
                                                           const net::Caller& caller);

}  // namespace postern::gate
