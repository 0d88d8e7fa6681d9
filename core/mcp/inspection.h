#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/mcp/message.h"
#include "core/net/http_message.h"

namespace postern::mcp {

struct Inspection {
    enum class Content {
        none,         // no body
        json_rpc,     // `messages` says what was asked
        other_json,   // JSON, but no JSON-RPC message
        uninspected,  // a body of another type or method: the gate decides by the route
    };
    Content content = Content::none;
    Messages messages;
};

// What a request says in MCP's terms. Only a POST of application/json is looked into. The error is
// for the log (reason JSON_MALFORMED).
[[nodiscard]] Result<Inspection> inspect(const net::HttpRequest& request);

// "application/json", with or without parameters.
[[nodiscard]] bool is_json_content_type(std::string_view content_type);

}  // namespace postern::mcp
