#include "pin.h"

#include <array>
#include <optional>

#include "pin_time.h"

namespace postern::pinning {

namespace {

constexpr std::size_t kMaxName = 1024;
constexpr const char* kForm =
    "; a pin is \"sha256/\" (sha384/, sha512/, or cert-sha256/ of a whole certificate) and the "
    "digest in base64, then perhaps expires=2027-01-31T00:00:00Z and for=NAME";
constexpr std::string_view kBlank = " \t";
constexpr std::string_view kOfCertificate = "cert-";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

struct Algorithm {
    std::string_view prefix;
    std::uint32_t number;
    std::size_t size;
};
constexpr std::array<Algorithm, 3> kAlgorithms{{{"sha256/", POSTERN_DIGEST_SHA256, 32},
                                                {"sha384/", POSTERN_DIGEST_SHA384, 48},
                                                {"sha512/", POSTERN_DIGEST_SHA512, 64}}};

[[noreturn]] void wrong(std::string_view word, const std::string& what) {
    throw sdk::Error(POSTERN_E_CONFIG,
                     "\"" + std::string(word.substr(0, 200)) + "\" " + what + kForm);
}

std::string base64(sdk::Bytes bytes) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::uint8_t byte : bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6) out += kAlphabet[bits >> (count - 6) & 63u];
    }
    if (count > 0) out += kAlphabet[bits << (6 - count) & 63u];
    while (out.size() % 4 != 0) out += '=';
    return out;
}

// Only what base64() would have written.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text, std::size_t size) {
    if (text.size() != (size + 2) / 3 * 4) return std::nullopt;
    std::vector<std::uint8_t> out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text.substr(0, (size * 8 + 5) / 6)) {
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    if (out.size() != size || base64(sdk::Bytes(out)) != text) return std::nullopt;
    return out;
}

void read_digest(std::string_view word, Pin& pin) {
    std::string_view rest = word;
    if (rest.substr(0, kOfCertificate.size()) == kOfCertificate) {
        pin.subject = Subject::certificate;
        rest.remove_prefix(kOfCertificate.size());
    }
    for (const Algorithm& each : kAlgorithms) {
        if (rest.substr(0, each.prefix.size()) != each.prefix) continue;
        auto digest = from_base64(rest.substr(each.prefix.size()), each.size);
        if (!digest) break;
        pin.algorithm = each.number;
        pin.digest = std::move(*digest);
        return;
    }
    wrong(word, "is no pin");
}

bool is_plain(char c) {
    return c > ' ' && c <= '~' && c != '%' && c != '#';
}

std::string encoded(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (is_plain(c)) {
            out += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        out += '%';
        out += kHexDigits[octet >> 4];
        out += kHexDigits[octet & 15u];
    }
    return out;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_plain(text[i])) {
            out += text[i];
            continue;
        }
        if (text[i] != '%' || i + 2 >= text.size()) return std::nullopt;
        const std::size_t high = kHexDigits.find(text[i + 1]);
        const std::size_t low = kHexDigits.find(text[i + 2]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    if (out.empty() || out.size() > kMaxName) return std::nullopt;
    return out;
}

void read_attribute(std::string_view word, Pin& pin) {
    const std::size_t equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    if (key == "expires") {
        const auto time = parse_time(value);
        if (!time) wrong(word, "is no time");
        if (pin.expires != kNever) wrong(word, "is said twice");
        pin.expires = *time;
    } else if (key == "for") {
        auto name = decoded(value);
        if (!name) wrong(word, "is no name of 1 to 1,024 octets");
        if (!pin.name.empty()) wrong(word, "is said twice");
        pin.name = std::move(*name);
    } else {
        wrong(word, "is neither expires= nor for=");
    }
}

}  // namespace

Pin parse_pin(std::string_view text) {
    Pin pin;
    for (bool first = true; first || !text.empty(); first = false) {
        const std::size_t end = text.find_first_of(kBlank);
        const std::string_view word = text.substr(0, end);
        if (first) {
            read_digest(word, pin);
        } else {
            read_attribute(word, pin);
        }
        const std::size_t next = text.find_first_not_of(kBlank, word.size());
        text = next == std::string_view::npos ? std::string_view() : text.substr(next);
    }
    return pin;
}

std::string pin_text(const Pin& pin) {
    std::string out(pin.subject == Subject::certificate ? kOfCertificate : std::string_view());
    for (const Algorithm& each : kAlgorithms) {
        if (each.number == pin.algorithm) out += each.prefix;
    }
    out += base64(sdk::Bytes(pin.digest));
    if (pin.expires != kNever) out += " expires=" + time_text(pin.expires);
    if (!pin.name.empty()) out += " for=" + encoded(pin.name);
    return out;
}

}  // namespace postern::pinning
