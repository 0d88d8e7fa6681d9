#pragma once

#include <string>
#include <string_view>

namespace postern::cli {

// The text with control characters and bytes that are not UTF-8 as \xNN: names in certificates are
// hostile, and a terminal obeys escape sequences.
[[nodiscard]] std::string printable(std::string_view text);
[[nodiscard]] bool is_printable(std::string_view text);

}  // namespace postern::cli
