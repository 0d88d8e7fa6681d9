#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/mcp/message.h"
#include "core/mcp/modern_request.h"
#include "core/net/exchange.h"

namespace postern::gate {

// Why the gate itself refuses a request: for the log, but for the reason, which says how it is
// answered.
struct Refusal {
    Refusal(Reason why, std::string more) : reason(why), detail(std::move(more)) {}

    Reason reason;
    std::string detail;
    std::string plugin;  // who refused, if not the gate
    std::uint64_t retry_after_ns = 0;
    std::optional<mcp::RequestFault> fault;  // told as MCP servers tell it, not by the reason
    std::string_view allow;                  // with a fault of 405: which methods there are
};

// A longer id is answered as none: refusing must not cost as much as serving.
inline constexpr std::size_t kMaxEchoedId = 1024;

// What was refused.
struct RefusedRequest {
    std::string_view route;
    std::string_view method;  // of MCP
    std::string_view name;
    std::string_view id;  // of the JSON-RPC request, as JSON; empty: null
};

// The message that stands for them all: the first that waits for an answer. Null: there is none.
[[nodiscard]] const mcp::Message* spokesman(const mcp::Messages& messages);
[[nodiscard]] RefusedRequest refused_request(std::string_view route, const mcp::Message* message);

// The one way in which a request is refused: a line in the log, and a whole answer with the status
// of the reason's row and refusal_text(). The connection, and the session on it, go on.
void refuse(const Refusal& refusal, const RefusedRequest& request, std::string_view contact,
            const net::Caller& caller, net::ResponseStream& response);

// A JSON-RPC error with the reason's number for a code. It tells the caller the status in words and
// whom to ask; what went wrong is for the log.
[[nodiscard]] std::string refusal_text(Reason reason, std::string_view id,
                                       std::string_view contact);

}  // namespace postern::gate
