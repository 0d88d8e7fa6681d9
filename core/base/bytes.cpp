#include "core/base/bytes.h"

#include <limits>
#include <memory>

#include <gnutls/gnutls.h>

namespace postern {
namespace {

// GnuTLS takes lengths as 32 bits.
constexpr std::size_t kLongest = std::numeric_limits<unsigned>::max() / 2;

struct FreeData {
    void operator()(unsigned char* data) const { gnutls_free(data); }
};
using Data = std::unique_ptr<unsigned char, FreeData>;

gnutls_datum_t datum(ByteView bytes) {
    return {const_cast<unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

// GnuTLS's decoder skips what is not base64; a digest that is written in two ways would then be
// two texts for one value, so this is stricter: whole groups, padding at the end only, and no set
// bits that the value does not have (RFC 4648, sections 3.3 and 3.5).
bool is_canonical_base64(std::string_view text) {
    if (text.size() % 4 != 0) return false;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    const std::string_view digits = text.substr(0, text.size() - padding);
    for (const char c : digits) {
        if (base64_value(c) < 0) return false;
    }
    if (padding == 0) return true;
    const int unused_bits = padding == 1 ? 0x3 : 0xf;
    return (base64_value(digits.back()) & unused_bits) == 0;
}

}  // namespace

std::string to_hex(ByteView bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 0xf]);
    }
    return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0 || text.size() > kLongest) return std::nullopt;
    if (text.empty()) return Bytes{};
    for (const char c : text) {
        if (!is_hex(c)) return std::nullopt;
    }
    Bytes bytes(text.size() / 2);
    std::size_t length = bytes.size();
    const gnutls_datum_t digits = datum(as_bytes(text));
    if (gnutls_hex_decode(&digits, bytes.data(), &length) < 0 || length != bytes.size()) {
        return std::nullopt;
    }
    return bytes;
}

std::string to_base64(ByteView bytes) {
    if (bytes.empty() || bytes.size() > kLongest) return {};
    const gnutls_datum_t raw = datum(bytes);
    gnutls_datum_t encoded{};
    if (gnutls_base64_encode2(&raw, &encoded) < 0) return {};
    const Data owner(encoded.data);
    return std::string(as_text(ByteView(encoded.data, encoded.size)));
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() > kLongest || !is_canonical_base64(text)) return std::nullopt;
    if (text.empty()) return Bytes{};
    const gnutls_datum_t encoded = datum(as_bytes(text));
    gnutls_datum_t raw{};
    if (gnutls_base64_decode2(&encoded, &raw) < 0) return std::nullopt;
    const Data owner(raw.data);
    return Bytes(raw.data, raw.data + raw.size);
}

}  // namespace postern
