#include "core/cli/printable.h"

#include <cstddef>
#include <cstdint>

namespace postern::cli {
namespace {

// The length of the well-formed, visible UTF-8 character at the start of `text`, or 0.
// Overlong forms, surrogates and C1 controls are not well-formed or not visible.
std::size_t visible_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || lead > 0xf4 || text.size() < length) return 0;
    std::uint32_t code = lead & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        code = code << 6 | (byte(i) & 0x3fu);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10ffff) return 0;
    if (code >= 0xd800 && code <= 0xdfff) return 0;
    if (code < 0xa0) return 0;
    // Marks that reorder text would let a name show as another one.
    if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return 0;
    return length;
}

}  // namespace

std::string printable(std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string shown;
    while (!text.empty()) {
        const auto length = visible_character(text);
        if (length > 0) {
            shown += text.substr(0, length);
            text.remove_prefix(length);
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(text.front());
        shown += "\\x";
        shown += kHex[byte >> 4];
        shown += kHex[byte & 0xf];
        text.remove_prefix(1);
    }
    return shown;
}

bool is_printable(std::string_view text) {
    while (!text.empty()) {
        const auto length = visible_character(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace postern::cli
