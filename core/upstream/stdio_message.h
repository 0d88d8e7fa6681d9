#pragma once

#include <string>

#include "core/mcp/message_outline.h"

namespace postern::upstream {

// What of a client's message the child's side needs, taken apart on the client's loop.
struct StdioMessage {
    mcp::MessageKind kind = mcp::MessageKind::request;
    std::string method;
    std::string raw_id;      // as it stood in the text; empty for a notification
    std::string id;          // mcp::identity_of() it
    std::string raw_token;   // of the progress it asks for; empty: none
    std::string cancelled;   // identity_of() the request that a notifications/cancelled names
    bool wants_log = false;  // its _meta names a log level
    std::string line;        // for the child
};

// `line` is left empty.
[[nodiscard]] StdioMessage message_of(const mcp::MessageOutline& outline);

}  // namespace postern::upstream
