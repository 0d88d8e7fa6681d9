#include "pin.h"

#include <cstdint>

namespace postern::pinning {

namespace {

constexpr std::string_view kPrefix = "sha256/";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kDigits = 43;  // of 32 bytes, before the one '='

}  // namespace

std::string pin_text(sdk::Bytes digest) {
    std::string out(kPrefix);
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::uint8_t byte : digest) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6) out += kAlphabet[bits >> (count - 6) & 63u];
    }
    if (count > 0) out += kAlphabet[bits << (6 - count) & 63u];
    while ((out.size() - kPrefix.size()) % 4 != 0) out += '=';
    return out;
}

std::optional<sdk::Sha256> parse_pin(std::string_view text) {
    if (text.size() != kPrefix.size() + kDigits + 1 || text.substr(0, kPrefix.size()) != kPrefix ||
        text.back() != '=') {
        return std::nullopt;
    }
    sdk::Sha256 out{};
    std::size_t filled = 0;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text.substr(kPrefix.size(), kDigits)) {
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out[filled++] = static_cast<std::uint8_t>(bits >> count);
    }
    if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
    return out;
}

}  // namespace postern::pinning
