#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/mcp/message_outline.h"
#include "core/mcp/modern_request.h"
#include "core/net/exchange.h"
#include "core/upstream/stdio/backend.h"
#include "core/upstream/stdio/exchange.h"
#include "core/upstream/stdio/message.h"
#include "core/upstream/stdio/replies.h"

namespace postern::upstream {

// One HTTP request on its way to a child, on its client's loop: which era it is of, whether it
// keeps that era's rules, whose session or child it is for. Lives for the call.
class StdioRequest {
public:
    StdioRequest(StdioBackend& backend, const net::HttpRequest& request, net::Caller& caller,
                 net::ResponseStream& response)
        : backend_(backend), request_(request), caller_(caller), response_(response) {}

    // Null when it has been answered.
    [[nodiscard]] std::unique_ptr<net::Exchange> dispatch();

private:
    using Answer = std::unique_ptr<net::Exchange>;

    [[nodiscard]] Answer post();
    [[nodiscard]] Answer post_batch();
    [[nodiscard]] Answer initialize(const mcp::MessageOutline& outline);
    [[nodiscard]] Answer to_session(std::vector<StdioMessage> messages);
    [[nodiscard]] Answer to_shared(const mcp::MessageOutline& outline);
    [[nodiscard]] Answer get();
    [[nodiscard]] Answer remove();

    // The session named in the request, if it is the caller's.
    [[nodiscard]] std::shared_ptr<StdioSession> session() const;
    [[nodiscard]] Answer no_session() const;
    [[nodiscard]] Answer reply(const StdioReply& reply) const;
    [[nodiscard]] Answer reply(const mcp::RequestFault& fault, std::string_view id) const;
    [[nodiscard]] Answer refuse(const StdioRefusal& refusal, std::string_view id) const;
    [[nodiscard]] Answer hand_over(std::shared_ptr<StdioSession> session, std::string session_id,
                                   std::vector<StdioMessage> messages);

    StdioBackend& backend_;
    const net::HttpRequest& request_;
    net::Caller& caller_;
    net::ResponseStream& response_;
};

}  // namespace postern::upstream
