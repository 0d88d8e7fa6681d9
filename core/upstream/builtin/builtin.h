#pragma once

#include "core/net/exchange.h"

namespace postern::upstream {

// The MCP server that is part of the gate: two tools, no state. For trying things out, and for
// callers who ask how they are seen.
class Builtin final : public net::Upstream {
public:
    [[nodiscard]] std::unique_ptr<net::Exchange> handle(net::RequestRef request,
                                                        net::Caller& caller,
                                                        net::ResponseStream& response) override;
};

}  // namespace postern::upstream
