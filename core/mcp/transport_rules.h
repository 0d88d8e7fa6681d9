#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/mcp/modern_request.h"
#include "core/net/http_message.h"

namespace postern::mcp {

// Newest first. The last was published before the first release; clients still name it.
inline constexpr std::array<std::string_view, 5> kLegacyVersions{
    "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"};

// What a Streamable HTTP server says about the HTTP side of a request. Asked in this order, as the
// SDK servers do: method, content, then (the body read) the rules of the era.

// 405, for the response with `Allow`.
[[nodiscard]] RequestFault method_not_allowed();

// The body of a POST: 415 unless it is JSON in UTF-8, not compressed.
[[nodiscard]] std::optional<RequestFault> check_content(const net::HttpRequest& request);

// A body that MessageOutline::read(), batch_elements() or read_messages() refused, which said
// `why`: 400 as no JSON, or as no message. The id to answer with is id_of_refused().
[[nodiscard]] RequestFault refused_body(std::string_view body, std::string_view why);

// Whether the Accept fields take `type` ("application/json"); without any they take nothing.
[[nodiscard]] bool accepts(const net::HttpRequest& request, std::string_view type);

// 406, of the older era: a POST must accept JSON and an event stream, a GET the latter.
[[nodiscard]] std::optional<RequestFault> check_legacy_accept(const net::HttpRequest& request);

[[nodiscard]] bool is_legacy_version(std::string_view version);

// MCP-Protocol-Version of a request of the older era that is not `initialize`: 400 when it names
// no revision of that era. Absent is 2025-03-26.
[[nodiscard]] std::optional<RequestFault> check_legacy_version(const net::HttpRequest& request);

}  // namespace postern::mcp
