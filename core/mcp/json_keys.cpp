#include "core/mcp/json_keys.h"

#include <algorithm>

namespace postern::mcp {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The two characters outside ASCII that fold into it: U+017F LONG S and U+212A KELVIN SIGN.
constexpr std::string_view kLongS = "\xc5\xbf";
constexpr std::string_view kKelvinSign = "\xe2\x84\xaa";

}  // namespace

std::optional<std::string> ambiguous_key(std::vector<std::string_view>& keys,
                                         std::span<const std::string_view> known) {
    for (const std::string_view key : keys) {
        for (const std::string_view one : known) {
            if (key != one && folds_to(key, one)) {
                return "a key differs from \"" + std::string(one) + "\" only in case";
            }
        }
    }
    std::sort(keys.begin(), keys.end());
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return "a key is given twice";
    return std::nullopt;
}

bool folds_to(std::string_view key, std::string_view known) {
    for (const char expected : known) {
        if (key.empty()) return false;
        if (lower(key.front()) == lower(expected)) {
            key.remove_prefix(1);
        } else if (lower(expected) == 's' && key.substr(0, kLongS.size()) == kLongS) {
            key.remove_prefix(kLongS.size());
        } else if (lower(expected) == 'k' && key.substr(0, kKelvinSign.size()) == kKelvinSign) {
            key.remove_prefix(kKelvinSign.size());
        } else {
            return false;
        }
    }
    return key.empty();
}

}  // namespace postern::mcp
