#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/base/log.h"

namespace postern {

struct LogLine {
    std::int64_t wall_microseconds;  // since the epoch
    LogLevel level;
    std::string_view source;
    std::string_view message;
    std::span<const LogField> fields;
};

[[nodiscard]] std::string_view level_name(LogLevel level);

// One line without its line feed, of printable characters only, whatever bytes went in: control
// characters, quotes, broken UTF-8 and characters that reorder text on a terminal are escaped.
[[nodiscard]] std::string format_line(const LogLine& line, LogFormat format);

}  // namespace postern
