#include "core/config/toml_hazard.h"

namespace postern::config {
namespace {

// Skips the string that starts at `text[at]`; returns the place after it.
std::size_t after_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool escapes = quote == '"';
    const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
    const bool lines = text.substr(at, 3) == three;
    at += lines ? 3 : 1;
    while (at < text.size()) {
        if (escapes && text[at] == '\\') {
            at += 2;
        } else if (lines && text.substr(at, 3) == three) {
            // Up to two quotes may stand right before the three that end it.
            at += 3;
            for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
            return at;
        } else if (!lines && (text[at] == quote || text[at] == '\n')) {
            return at + 1;
        } else {
            ++at;
        }
    }
    return text.size();
}

std::size_t after_comment(std::string_view text, std::size_t at) {
    const std::size_t end = text.find('\n', at);
    return end == std::string_view::npos ? text.size() : end;
}

bool starts_a_key(char c) {
    return c == '\n' || c == '=' || c == ',' || c == '[' || c == '{' || c == ']' || c == '}';
}

}  // namespace

std::optional<TomlHazard> find_toml_hazard(std::string_view text, std::size_t most_parts) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::uint32_t line = 1;
    std::size_t parts = 1;
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        const std::size_t start = at;
        if (c == '"' || c == '\'') {
            at = after_string(text, at);
        } else if (c == '#') {
            at = after_comment(text, at);
        } else {
            ++at;
        }
        for (std::size_t i = start; i < at && i < text.size(); ++i) line += text[i] == '\n';
        if (starts_a_key(c)) parts = 1;
        if (c == '.' && ++parts > most_parts) return TomlHazard{TomlHazard::Kind::dots, line};
        if (static_cast<unsigned char>(c) >= 0x80) {
            return TomlHazard{TomlHazard::Kind::not_ascii, line};
        }
    }
    return std::nullopt;
}

}  // namespace postern::config
