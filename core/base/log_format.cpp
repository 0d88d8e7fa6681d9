#include "core/base/log_format.h"

#include <array>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/base/units.h"

namespace postern {
namespace {

std::string time_text(std::int64_t wall_microseconds) {
    std::string text = format_time(wall_microseconds / 1'000'000);
    std::array<char, 8> fraction{};
    const int milliseconds = static_cast<int>(wall_microseconds / 1000 % 1000);
    std::snprintf(fraction.data(), fraction.size(), ".%03d", milliseconds < 0 ? 0 : milliseconds);
    text.insert(text.size() - 1, fraction.data());  // before the Z
    return text;
}

// One character of well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
struct Character {
    char32_t code;
    std::size_t size;
};

std::optional<Character> decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return Character{first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return std::nullopt;
    char32_t code = first & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
        code = (code << 6) | (byte(i) & 0x3fu);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (overlong || surrogate || code > 0x10ffff) return std::nullopt;
    return Character{code, size};
}

bool is_plain(char32_t code) {
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
    // What changes the order of text or breaks lines on a terminal or in a browser.
    if (code >= 0x200b && code <= 0x200f) return false;
    if (code >= 0x2028 && code <= 0x202e) return false;
    if (code >= 0x2060 && code <= 0x206f) return false;
    return code != 0xfeff && (code < 0xfff9 || code > 0xffff) && code < 0xe0000;
}

template <class... Arguments>
void append_format(std::string& out, const char* format, Arguments... arguments) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, arguments...);
    out += text.data();
}

enum class Quotes : bool { stay = false, escaped = true };

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
    while (!text.empty()) {
        const std::optional<Character> character = decode(text);
        if (!character) {
            append_format(out, "\\x%02x", static_cast<unsigned char>(text[0]));
            text.remove_prefix(1);
            continue;
        }
        const char32_t code = character->code;
        if (code == '\\' || (code == '"' && quotes == Quotes::escaped)) {
            out += '\\';
            out += static_cast<char>(code);
        } else if (code == '\n') {
            out += "\\n";
        } else if (code == '\r') {
            out += "\\r";
        } else if (code == '\t') {
            out += "\\t";
        } else if (!is_plain(code)) {
            append_format(out, "\\u{%x}", static_cast<unsigned>(code));
        } else {
            out += text.substr(0, character->size);
        }
        text.remove_prefix(character->size);
    }
}

bool needs_quotes(std::string_view value) {
    if (value.empty()) return true;
    for (const char c : value) {
        // Whatever could be taken for the end of the value or for another field, or is escaped.
        const bool graphic = c > ' ' && c <= '~';
        if (!graphic || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

std::string format_text(const LogLine& line) {
    std::string out = time_text(line.wall_microseconds);
    out += ' ';
    out += level_name(line.level);
    out += ' ';
    append_escaped(out, line.source, Quotes::stay);
    out += ": ";
    append_escaped(out, line.message, Quotes::stay);
    for (const LogField& field : line.fields) {
        out += ' ';
        append_escaped(out, field.key, Quotes::escaped);
        out += '=';
        const bool quoted = needs_quotes(field.value);
        if (quoted) out += '"';
        append_escaped(out, field.value, Quotes::escaped);
        if (quoted) out += '"';
    }
    return out;
}

std::string format_json(const LogLine& line) {
    nlohmann::ordered_json object;
    object["time"] = time_text(line.wall_microseconds);
    object["level"] = level_name(line.level);
    object["source"] = line.source;
    object["message"] = line.message;
    for (const LogField& field : line.fields) {
        std::string key(field.key);
        while (object.contains(key)) key += '_';  // a plugin's field never hides one of ours
        object[key] = field.value;
    }
    constexpr int kOneLine = -1;
    constexpr bool kAsciiOnly = true;
    return object.dump(kOneLine, ' ', kAsciiOnly, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return "error";
        case LogLevel::warning:
            return "warning";
        case LogLevel::notice:
            return "notice";
        case LogLevel::info:
            return "info";
        case LogLevel::debug:
            return "debug";
    }
    return "debug";
}

std::string format_line(const LogLine& line, LogFormat format) {
    return format == LogFormat::json ? format_json(line) : format_text(line);
}

}  // namespace postern
