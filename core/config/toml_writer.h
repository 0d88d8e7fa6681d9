#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/units.h"
#include "core/config/toml_text.h"

namespace postern::config {

// TOML in the making, a line at a time.
class TomlWriter {
public:
    void line(std::string_view key, std::string_view value) {
        text_.append(key).append(" = ").append(value).append("\n");
    }
    void string(std::string_view key, std::string_view value) { line(key, toml_string(value)); }
    void boolean(std::string_view key, bool value) { line(key, value ? "true" : "false"); }
    void integer(std::string_view key, std::uint64_t value) { line(key, std::to_string(value)); }
    void duration(std::string_view key, std::uint64_t value) {
        string(key, format_duration(value));
    }
    void size(std::string_view key, std::uint64_t value) { string(key, format_size(value)); }
    void header(std::string_view name) { text_.append("\n").append(name).append("\n"); }
    void comment(std::string_view lines) {
        while (!lines.empty()) {
            const std::size_t end = lines.find('\n');
            text_.append("# ").append(lines.substr(0, end)).append("\n");
            lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
        }
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace postern::config
