#pragma once

#include <string>
#include <string_view>

#include "core/mcp/message_outline.h"
#include "core/mcp/modern_request.h"
#include "core/upstream/builtin/tools.h"

namespace postern::upstream {

struct BuiltinReply {
    int status = 200;
    std::string body;  // JSON, or empty
};

inline constexpr std::string_view kBuiltinInstructions =
    "The built-in server of the Postern gate. Call whoami to see how the gate sees you.";

[[nodiscard]] Json builtin_server_info();
[[nodiscard]] Json builtin_capabilities();

[[nodiscard]] BuiltinReply refuse(const mcp::RequestFault& fault, std::string_view id);

// The JSON-RPC response that bears `result`; `id` as the client wrote it. Bytes that are not UTF-8
// (of a certificate's names) are replaced.
[[nodiscard]] std::string result_reply(std::string_view id, const Json& result);

// `params` of a message; an empty object when there is none, discarded when a number in it is
// beyond a double.
[[nodiscard]] Json params_of(const mcp::MessageOutline& message);

// `stamp`, if any, adds to a result what an era asks for.
using Stamp = void (*)(Json& result);

// The replies to methods that both eras have.
[[nodiscard]] std::string list_tools_reply(std::string_view id, const Json& params, Stamp stamp);
[[nodiscard]] std::string call_tool_reply(std::string_view id, const Json& params,
                                          const FactsSource& facts, Stamp stamp);

}  // namespace postern::upstream
