#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::mcp {

// Decodes an Mcp-Name or Mcp-Param-* value: "=?base64?…?=" carries what a header cannot. Empty: the
// wrapping is there, but not what it wraps.
[[nodiscard]] std::optional<std::string> decode_header_value(std::string_view value);

}  // namespace postern::mcp
