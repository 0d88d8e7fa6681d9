#include "core/mcp/json_identity.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

namespace postern::mcp {
namespace {

// digits × 10^exponent, without zeros at either end of the digits; zero has no digits.
struct Decimal {
    bool negative = false;
    std::string digits;
    std::int64_t exponent = 0;
};

// Nothing for what is no number, and for exponents beyond any use.
std::optional<Decimal> decimal_of(std::string_view raw) {
    constexpr std::int64_t kMaxExponent = 1'000'000'000'000;
    Decimal number;
    if (raw.starts_with('-')) {
        number.negative = true;
        raw.remove_prefix(1);
    }
    if (raw.empty() || raw.front() < '0' || raw.front() > '9') return std::nullopt;
    const std::size_t end = std::min(raw.find_first_of("eE"), raw.size());
    if (end < raw.size()) {
        std::string_view exponent = raw.substr(end + 1);
        if (exponent.starts_with('+')) exponent.remove_prefix(1);
        const auto [rest, error] =
            std::from_chars(exponent.data(), exponent.data() + exponent.size(), number.exponent);
        if (error != std::errc() || rest != exponent.data() + exponent.size() ||
            number.exponent > kMaxExponent || number.exponent < -kMaxExponent) {
            return std::nullopt;
        }
    }
    const std::string_view mantissa = raw.substr(0, end);
    const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
    number.digits = mantissa.substr(0, dot);
    if (dot < mantissa.size()) {
        number.digits += mantissa.substr(dot + 1);
        number.exponent -= static_cast<std::int64_t>(mantissa.size() - dot - 1);
    }
    const std::size_t last = number.digits.find_last_not_of('0');
    if (last == std::string::npos) return Decimal();
    number.exponent += static_cast<std::int64_t>(number.digits.size() - last - 1);
    number.digits.erase(last + 1);
    number.digits.erase(0, number.digits.find_first_not_of('0'));
    return number;
}

}  // namespace

std::string identity_of(std::string_view raw) {
    if (raw.starts_with('"')) {
        if (raw.find('\\') == std::string_view::npos) return std::string(raw);
        const auto text = nlohmann::json::parse(raw, nullptr, false);
        return text.is_string() ? text.dump() : std::string(raw);
    }
    const auto number = decimal_of(raw);
    if (!number) return std::string(raw);
    if (number->digits.empty()) return "0";
    return (number->negative ? "-" : "") + number->digits + "e" + std::to_string(number->exponent);
}

bool is_integer(std::string_view raw) {
    const auto number = decimal_of(raw);
    return number && number->exponent >= 0;
}

}  // namespace postern::mcp
