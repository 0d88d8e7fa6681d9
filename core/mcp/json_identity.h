#pragma once

#include <string>
#include <string_view>

namespace postern::mcp {

// One text for all spellings of one id or token, so that what a server gives back is found again:
// "a" and "\u0061", 7 and 7.0 and 70e-1. `raw` is a JSON string or number; other values are their
// own text.
[[nodiscard]] std::string identity_of(std::string_view raw);

// A number without a fraction, however written; JSON Schema's "integer".
[[nodiscard]] bool is_integer(std::string_view raw);

}  // namespace postern::mcp
