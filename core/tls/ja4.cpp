#include "core/tls/ja4.h"

#include <algorithm>
#include <string_view>

#include "core/tls/digest.h"

namespace postern::tls {
namespace {

constexpr std::uint16_t kServerName = 0x0000;
constexpr std::uint16_t kAlpn = 0x0010;

std::vector<std::uint16_t> without_grease(const std::vector<std::uint16_t>& values) {
    std::vector<std::uint16_t> kept;
    std::copy_if(values.begin(), values.end(), std::back_inserter(kept),
                 [](std::uint16_t value) { return !is_grease(value); });
    return kept;
}

bool contains(const std::vector<std::uint16_t>& values, std::uint16_t value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

std::string_view version_code(const std::vector<std::uint16_t>& versions) {
    const auto offered = without_grease(versions);
    if (offered.empty()) return "00";
    switch (*std::max_element(offered.begin(), offered.end())) {
        case 0x0304:
            return "13";
        case 0x0303:
            return "12";
        case 0x0302:
            return "11";
        case 0x0301:
            return "10";
        case 0x0300:
            return "s3";
        case 0x0002:
            return "s2";
        default:
            return "00";
    }
}

std::string two_digits(std::size_t count) {
    count = std::min<std::size_t>(count, 99);
    return {static_cast<char>('0' + count / 10), static_cast<char>('0' + count % 10)};
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string alpn_code(const std::vector<std::string>& alpn) {
    if (alpn.empty() || alpn.front().empty()) return "00";
    const std::string& first = alpn.front();
    if (is_alphanumeric(first.front()) && is_alphanumeric(first.back()))
        return {first.front(), first.back()};
    const std::string hex = to_hex(as_bytes(first));
    return {hex.front(), hex.back()};
}

std::string joined(const std::vector<std::uint16_t>& values) {
    std::string text;
    for (const std::uint16_t value : values) {
        const std::uint8_t octets[] = {static_cast<std::uint8_t>(value >> 8),
                                       static_cast<std::uint8_t>(value & 0xff)};
        if (!text.empty()) text += ',';
        text += to_hex(octets);
    }
    return text;
}

std::string truncated_hash(const std::string& text) {
    if (text.empty()) return "000000000000";
    return to_hex(sha256(as_bytes(text))).substr(0, 12);
}

}  // namespace

std::string ja4_of(const ClientHello& hello) {
    auto ciphers = without_grease(hello.ciphers);
    const auto extensions = without_grease(hello.extensions);
    const auto signatures = without_grease(hello.signature_algorithms);
    std::sort(ciphers.begin(), ciphers.end());

    std::string text = "t";
    text += version_code(hello.versions);
    text += contains(extensions, kServerName) ? 'd' : 'i';
    text += two_digits(ciphers.size()) + two_digits(extensions.size()) + alpn_code(hello.alpn);

    auto hashed = extensions;
    hashed.erase(std::remove_if(hashed.begin(), hashed.end(),
                                [](std::uint16_t id) { return id == kServerName || id == kAlpn; }),
                 hashed.end());
    std::sort(hashed.begin(), hashed.end());
    std::string detail = joined(hashed);
    if (!detail.empty() && !signatures.empty()) detail += "_" + joined(signatures);
    return text + "_" + truncated_hash(joined(ciphers)) + "_" + truncated_hash(detail);
}

}  // namespace postern::tls
