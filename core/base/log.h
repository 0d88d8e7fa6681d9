#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace postern {

enum class LogLevel : std::uint8_t { error = 1, warning, notice, info, debug };  // as in the SDK
enum class LogFormat : std::uint8_t { text, json };

struct LogField {
    std::string_view key;    // a fixed word of ours: lower case and underscores
    std::string_view value;  // may be hostile: the formatter escapes it
};

// The process's log: text or JSON lines on standard error, written by a thread of its own behind a
// bounded queue, so that no caller ever waits; lines that did not fit are counted and said.
// All functions: any thread; set_up and the setters: main thread.
namespace log {

[[nodiscard]] Result<void> set_up(LogLevel level, LogFormat format);
void set_level(LogLevel level);
void set_format(LogFormat format);
void set_detailed_tls(bool on);
[[nodiscard]] LogLevel level();
[[nodiscard]] bool enabled(LogLevel level);
[[nodiscard]] bool detailed_tls();

// `source` names the room or plugin.
void write(LogLevel level, std::string_view source, std::string_view message,
           std::span<const LogField> fields = {});
inline void write(LogLevel level, std::string_view source, std::string_view message,
                  std::initializer_list<LogField> fields) {
    write(level, source, message, std::span<const LogField>(fields.begin(), fields.size()));
}

// Waits until everything queued is written; before the process ends.
void flush();

}  // namespace log
}  // namespace postern
