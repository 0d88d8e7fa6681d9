#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace postern::net {

// What may stand within a line of a head: everything but control characters, and the tab.
[[nodiscard]] constexpr bool is_line_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

// How many of the first bytes are such; eight at a time, since every byte of every head comes by.
[[nodiscard]] inline std::size_t count_line_bytes(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighBits = 0x80 * kOnes;
    std::size_t at = 0;
    for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        // Both are not 0 exactly when a byte is below 0x20, or is 0x7f.
        const std::uint64_t controls = (bytes - 0x20 * kOnes) & ~bytes & kHighBits;
        const std::uint64_t others = bytes ^ (0x7f * kOnes);
        const std::uint64_t deletes = (others - kOnes) & ~others & kHighBits;
        if ((controls | deletes) != 0) break;
    }
    while (at < text.size() && is_line_byte(text[at])) ++at;
    return at;
}

}  // namespace postern::net
