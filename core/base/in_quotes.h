#pragma once

#include <string>
#include <string_view>

namespace postern {

// A value that somebody gave, for a message about it: in quotes, on one line, of what is long only
// the beginning.
[[nodiscard]] inline std::string in_quotes(std::string_view value) {
    constexpr std::size_t kMostBytes = 64;
    std::size_t size = value.size();
    if (size > kMostBytes) {
        size = kMostBytes;
        // Not in the middle of a character of UTF-8.
        while (size > 0 && (static_cast<unsigned char>(value[size]) & 0xc0) == 0x80) --size;
    }
    std::string text = "\"";
    for (const char c : value.substr(0, size)) {
        const auto byte = static_cast<unsigned char>(c);
        text += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return text + (size < value.size() ? "…\"" : "\"");
}

}  // namespace postern
