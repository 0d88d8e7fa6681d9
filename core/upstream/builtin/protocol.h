#pragma once

#include "core/net/http_message.h"
#include "core/upstream/builtin/methods.h"

namespace postern::upstream {

// The built-in MCP server's answer to a request: both eras on one endpoint, without sessions or
// state of any kind, so that each request is answered by itself. The era is told by the body first,
// as the MCP SDKs do.
[[nodiscard]] BuiltinReply answer_builtin(const net::HttpRequest& request,
                                          const FactsSource& facts);

}  // namespace postern::upstream
