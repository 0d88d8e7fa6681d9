#include "core/mcp/header_value.h"

#include "core/base/bytes.h"

namespace postern::mcp {

std::optional<std::string> decode_header_value(std::string_view value) {
    constexpr std::string_view kPrefix = "=?base64?";
    constexpr std::string_view kSuffix = "?=";
    if (value.size() < kPrefix.size() + kSuffix.size() ||
        value.substr(0, kPrefix.size()) != kPrefix ||
        value.substr(value.size() - kSuffix.size()) != kSuffix) {
        return std::string(value);
    }
    value = value.substr(kPrefix.size(), value.size() - kPrefix.size() - kSuffix.size());
    if (value.empty()) return std::string();
    const auto bytes = from_base64(value);
    if (!bytes) return std::nullopt;
    return std::string(as_text(*bytes));
}

}  // namespace postern::mcp
