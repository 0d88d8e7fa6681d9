#pragma once

#include <string>
#include <string_view>

#include "core/upstream/builtin_tools.h"

namespace postern::upstream {

// JSON-RPC's own codes.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
// Of MCP 2026-07-28.
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kUnsupportedVersion = -32022;

inline constexpr std::string_view kBuiltinInstructions =
    "The built-in server of the Postern gate. Call whoami to see how the gate sees you.";

[[nodiscard]] Json builtin_server_info();
[[nodiscard]] Json builtin_capabilities();

[[nodiscard]] Json result_reply(const Json& id, Json result);
[[nodiscard]] Json error_reply(const Json& id, int code, std::string_view message,
                               Json data = Json());

// `params` of a message; an empty object when there is none.
[[nodiscard]] Json params_of(const Json& message);

// The reply to tools/call. `stamp`, if any, adds to a result what an era asks for.
[[nodiscard]] Json call_tool_reply(const Json& id, const Json& params, const FactsSource& facts,
                                   void (*stamp)(Json& result));

// Compact; bytes that are not UTF-8 (of a certificate's names) are replaced.
[[nodiscard]] std::string to_text(const Json& json);

}  // namespace postern::upstream
