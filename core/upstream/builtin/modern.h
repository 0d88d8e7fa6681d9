#pragma once

#include "core/net/http_message.h"
#include "core/upstream/builtin/methods.h"

namespace postern::upstream {

// The answer to a message for which mcp::is_modern() holds.
[[nodiscard]] BuiltinReply answer_modern(const net::HttpRequest& request,
                                         const mcp::MessageOutline& message, const Json& params,
                                         const FactsSource& facts);

}  // namespace postern::upstream
