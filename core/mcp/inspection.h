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

// False when a charset other than UTF-8 is named, or one is named in another way than as the last
// parameter and once: servers decode UTF-7 or UTF-16 where they are told to, and would read another
// message than the one that was inspected.
[[nodiscard]] bool reads_as_utf8(std::string_view content_type);

// A Content-Encoding other than identity: what it hides is not looked into, so that it is refused.
[[nodiscard]] bool is_compressed(const net::HttpRequest& request);

// "application/json", with or without parameters, and reads_as_utf8().
[[nodiscard]] bool is_json_content_type(std::string_view content_type);

}  // namespace postern::mcp
