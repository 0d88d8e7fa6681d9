#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/mcp/message.h"
#include "core/net/http_message.h"

namespace postern::mcp {

// JSON-RPC's own codes.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
// What the SDK servers of the older era say where nothing better is defined.
inline constexpr int kServerError = -32000;
// Of MCP 2026-07-28. A server's to send: the gate does so where it is the server's HTTP side.
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedVersion = -32022;

inline constexpr std::string_view kModernVersion = "2026-07-28";

// A request that an MCP server refuses, and how.
struct RequestFault {
    int status = 400;
    int code = kInvalidRequest;
    std::string message;
    std::string data;  // JSON of error.data, or empty

    // The JSON-RPC error, with `id` as in Message::id (empty: null).
    [[nodiscard]] std::string body(std::string_view id) const;
};

// Whether the rules of 2026-07-28 are meant. A claim in the body decides; without one the header
// does, so that a client that forgot its claim is told so. `initialize` belongs to the older era
// unless its claim is whole.
[[nodiscard]] bool is_modern(const net::HttpRequest& request, const Message& message);

// A message for which is_modern() holds, against the headers that must repeat what it says and the
// members of _meta that it must have. `supported`: revisions the server has; empty: it will say so
// itself.
[[nodiscard]] std::optional<RequestFault> check_modern_request(
    const net::HttpRequest& request, const Message& message,
    std::span<const std::string_view> supported);

// Mcp-Method and Mcp-Name, in whatever era they are sent, against the body of an HTTP request: what
// they claim must be what the gate's policy was asked about. A batch has neither.
[[nodiscard]] std::optional<RequestFault> check_header_claims(const net::HttpHeaders& headers,
                                                              const Messages& messages);

}  // namespace postern::mcp
