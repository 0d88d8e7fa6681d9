#pragma once

#include <string>
#include <string_view>

#include "core/upstream/stdio/stream.h"

namespace postern::upstream {

// What the bridge says as the HTTP side of an MCP server, in the words and with the codes of the
// official SDKs' servers, since clients know those. Refusals of the gate itself are
// ResponseStream::fail() and have codes of their own.
struct StdioReply {
    int status = 200;
    std::string_view body;
    std::string_view allow;
};

inline constexpr StdioReply kAccepted{202, {}, {}};
inline constexpr StdioReply kDeleted{200, {}, {}};
inline constexpr StdioReply kSessionNotFound{
    404,
    R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null})",
    {}};
inline constexpr StdioReply kNoSession{
    400,
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Mcp-Session-Id header is required"},"id":null})",
    {}};
// To a client of the newer era whose server is of the older one. No code of 2026-07-28: by that the
// client knows that it should initialize a session.
inline constexpr StdioReply kOlderEra{
    400,
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Server not initialized"},"id":null})",
    {}};
inline constexpr StdioReply kAlreadyInitialized{
    400,
    R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request: Server already initialized"},"id":null})",
    {}};
inline constexpr StdioReply kInitializeInBatch{
    400,
    R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request: Only one initialization request is allowed"},"id":null})",
    {}};
inline constexpr StdioReply kSecondStream{
    409,
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Conflict: Only one SSE stream is allowed per session"},"id":null})",
    {}};
inline constexpr StdioReply kBadEventId{
    400,
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Invalid event ID"},"id":null})",
    {}};
inline constexpr std::string_view kMethodNotAllowed =
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Method not allowed."},"id":null})";
inline constexpr StdioReply kNoStream{405, kMethodNotAllowed, "GET, POST, DELETE"};
inline constexpr StdioReply kOtherMethod{405, kMethodNotAllowed, "GET, POST, DELETE"};
inline constexpr StdioReply kPostOnly{405, kMethodNotAllowed, "POST"};

[[nodiscard]] inline StdioPart reply_part(const StdioReply& reply) {
    StdioPart part;
    part.kind = StdioPart::Kind::status;
    part.status = reply.status;
    part.text = reply.body;
    part.allow = reply.allow;
    return part;
}

// The id under which a session's initialize is told to another child.
inline constexpr std::string_view kReplayId = R"("postern:initialize")";

// notifications/cancelled for a child. `meta`: a JSON object for params._meta, or empty.
[[nodiscard]] inline std::string cancellation(std::string_view raw_id, std::string_view reason,
                                              std::string_view meta) {
    std::string line = R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{)";
    if (!meta.empty()) line += R"("_meta":)" + std::string(meta) + ",";
    line += R"("requestId":)" + std::string(raw_id) + R"(,"reason":")" + std::string(reason);
    return line + "\"}}";
}

}  // namespace postern::upstream
