#pragma once

#include <cstddef>
#include <string>

#include "core/mcp/message_outline.h"

namespace postern::upstream {

// Ids and progress tokens are kept while a request is under way, and said again: longer ones are
// not taken, from clients and from children.
inline constexpr std::size_t kMaxIdBytes = 1024;

// What of a client's message the child's side needs, taken apart on the client's loop.
struct StdioMessage {
    mcp::MessageKind kind = mcp::MessageKind::request;
    std::string method;
    std::string raw_id;     // as it stood in the text; empty for a notification
    std::string id;         // mcp::identity_of() it
    std::string raw_token;  // of the progress it asks for; empty: none
    std::string cancelled;  // identity_of() the request that a notifications/cancelled names
    std::string line;       // for the child
};

// A request whose id or progress token is longer than kMaxIdBytes.
[[nodiscard]] bool has_long_id(const mcp::MessageOutline& outline);

// `line` is left empty.
[[nodiscard]] StdioMessage message_of(const mcp::MessageOutline& outline);

}  // namespace postern::upstream
