#pragma once

#include <string>
#include <string_view>

namespace postern::mcp {

// A JSON-RPC error object, compact. `id` is JSON as in Message::id; empty gives null. For the
// gate's own refusals `code` lies outside -32768…-32000, which belongs to JSON-RPC and MCP: the
// number of the reason does. `message` may be any bytes. `data`: JSON, or empty for none.
[[nodiscard]] std::string json_rpc_error(std::string_view id, int code, std::string_view message,
                                         std::string_view data = {});

}  // namespace postern::mcp
