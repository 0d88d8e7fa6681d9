#include "core/config/toml_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/base/units.h"

namespace postern::config {
namespace {

std::string real_text(double number) {
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    std::array<char, 40> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number,
                                            std::chars_format::scientific);
    return error == std::errc{} ? std::string(text.data(), end) : "nan";
}

std::string table_text(const Node::Table& table) {
    if (table.empty()) return "{}";
    std::string text = "{ ";
    for (const auto& [key, value] : table) {
        if (text.size() > 2) text += ", ";
        text += toml_key(key) + " = " + toml_value(*value);
    }
    return text + " }";
}

std::string array_text(const Node::Array& array) {
    std::string text = "[";
    for (const Node::Shared& value : array) {
        if (text.size() > 1) text += ", ";
        text += toml_value(*value);
    }
    return text + "]";
}

}  // namespace

std::string toml_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string toml_strings(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        if (out.size() > 1) out += ", ";
        out += toml_string(text);
    }
    return out + "]";
}

std::string toml_key(std::string_view key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    return bare ? std::string(key) : toml_string(key);
}

std::string toml_value(const Node& node) {
    const Node::Value& value = node.value();
    if (const auto* table = std::get_if<Node::Table>(&value)) return table_text(*table);
    if (const auto* array = std::get_if<Node::Array>(&value)) return array_text(*array);
    if (const auto* text = std::get_if<std::string>(&value)) return toml_string(*text);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value)) return real_text(*real);
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    return format_time(std::get<Node::DateTime>(value).seconds);
}

}  // namespace postern::config
