#pragma once

#include "core/mcp/message.h"
#include "core/net/http_message.h"
#include "core/upstream/builtin_protocol.h"

namespace postern::upstream {

// Whether a message is for the rules of MCP 2026-07-28. A claim in the body decides; without one
// the header does, so that a client that forgot its claim is told so. `initialize` belongs to the
// older era unless its claim is whole.
[[nodiscard]] bool is_modern(const net::HttpRequest& request, const mcp::Message& message,
                             const Json& body);

[[nodiscard]] BuiltinReply answer_modern(const net::HttpRequest& request,
                                         const mcp::Message& message, const Json& body,
                                         const FactsSource& facts);

}  // namespace postern::upstream
