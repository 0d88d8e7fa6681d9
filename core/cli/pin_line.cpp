#include "core/cli/pin_line.h"

#include <array>

#include "core/base/units.h"
#include "core/cli/printable.h"
#include "core/cli/validity.h"

namespace postern::cli {
namespace {

constexpr std::size_t kMaxName = 1024;
constexpr std::string_view kBlank = " \t";
constexpr std::string_view kOfCertificate = "cert-";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

struct Algorithm {
    const char* name;
    std::size_t size;
};
constexpr std::array<Algorithm, 3> kAlgorithms{{{"sha256", 32}, {"sha384", 48}, {"sha512", 64}}};

Error wrong(std::string_view word, const std::string& what) {
    return configuration_error(
        "\"" + printable(word.substr(0, 200)) + "\" " + what +
        "; a pin is \"sha256/\" (sha384/, sha512/, or cert-sha256/ of a whole certificate) and "
        "the digest in base64, then perhaps expires=2027-01-31T00:00:00Z and for=NAME");
}

bool is_plain(char c) {
    return c > ' ' && c <= '~' && c != '%' && c != '#';
}

std::string encoded(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const auto octet = static_cast<unsigned char>(c);
        if (is_plain(c))
            out += c;
        else
            out += {'%', kHexDigits[octet >> 4], kHexDigits[octet & 15u]};
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
        const auto high = kHexDigits.find(text[i + 1]), low = kHexDigits.find(text[i + 2]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    if (out.empty() || out.size() > kMaxName) return std::nullopt;
    return out;
}

Result<void> read_digest(std::string_view word, PinLine& pin) {
    std::string_view rest = word;
    pin.whole_certificate = rest.starts_with(kOfCertificate);
    if (pin.whole_certificate) rest.remove_prefix(kOfCertificate.size());
    for (const auto& each : kAlgorithms) {
        if (!rest.starts_with(std::string(each.name) + "/")) continue;
        rest.remove_prefix(std::string_view(each.name).size() + 1);
        auto digest = from_base64(rest);
        // One spelling only: padded, and no stray bits at the end.
        if (!digest || digest->size() != each.size || to_base64(*digest) != rest) break;
        pin.algorithm = each.name;
        pin.digest = std::move(*digest);
        return {};
    }
    return wrong(word, "is no pin");
}

Result<void> read_attribute(std::string_view word, PinLine& pin) {
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    const auto value =
        equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    if (key == "expires") {
        const auto time = parse_time("expires", std::string(value));
        if (!time || *time < 0 || format_time(*time) != value) return wrong(word, "is no time");
        if (pin.expires) return wrong(word, "is said twice");
        pin.expires = *time;
    } else if (key == "for") {
        auto name = decoded(value);
        if (!name) return wrong(word, "is no name of 1 to 1,024 octets");
        if (!pin.name.empty()) return wrong(word, "is said twice");
        pin.name = std::move(*name);
    } else {
        return wrong(word, "is neither expires= nor for=");
    }
    return {};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

std::string PinLine::digest_text() const {
    return (whole_certificate ? "cert-" : "") + algorithm + "/" + to_base64(digest);
}

std::string PinLine::text() const {
    std::string out = digest_text();
    if (expires) out += " expires=" + format_time(*expires);
    if (!name.empty()) out += " for=" + encoded(name);
    return out;
}

Result<PinLine> parse_pin(std::string_view text) {
    PinLine pin;
    for (bool first = true; first || !text.empty(); first = false) {
        const auto word = text.substr(0, text.find_first_of(kBlank));
        if (auto read = first ? read_digest(word, pin) : read_attribute(word, pin); !read)
            return read.error();
        const auto next = text.find_first_not_of(kBlank, word.size());
        text = next == std::string_view::npos ? std::string_view() : text.substr(next);
    }
    return pin;
}

Result<std::optional<PinLine>> parse_pin_line(std::string_view line) {
    const auto hash = line.find('#');
    const auto text = trimmed(line.substr(0, hash));
    if (text.empty()) return std::optional<PinLine>();
    auto pin = parse_pin(text);
    if (!pin) return pin.error();
    if (hash != std::string_view::npos) pin->comment = trimmed(line.substr(hash + 1));
    return std::optional<PinLine>(std::move(*pin));
}

bool looks_like_pin(std::string_view word) {
    if (word.starts_with(kOfCertificate)) word.remove_prefix(kOfCertificate.size());
    for (const auto& each : kAlgorithms)
        if (word.starts_with(std::string(each.name) + "/")) return true;
    return false;
}

}  // namespace postern::cli
