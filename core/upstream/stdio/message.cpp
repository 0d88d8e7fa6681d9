#include "core/upstream/stdio/message.h"

#include "core/mcp/json_identity.h"

namespace postern::upstream {

bool has_long_id(const mcp::MessageOutline& outline) {
    if (outline.kind() != mcp::MessageKind::request) return false;
    return outline.raw(mcp::Place::id).value_or("").size() > kMaxIdBytes ||
           outline.raw(mcp::Place::asked_progress_token).value_or("").size() > kMaxIdBytes;
}

StdioMessage message_of(const mcp::MessageOutline& outline) {
    StdioMessage message;
    message.kind = outline.kind();
    message.method = outline.method();
    if (const auto id = outline.raw(mcp::Place::id)) {
        message.raw_id = *id;
        message.id = mcp::identity_of(*id);
    }
    if (const auto token = outline.raw(mcp::Place::asked_progress_token)) {
        message.raw_token = *token;
    }
    if (const auto cancelled = outline.raw(mcp::Place::cancelled_id)) {
        message.cancelled = mcp::identity_of(*cancelled);
    }
    return message;
}

}  // namespace postern::upstream
