#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace postern {

// The file of verdicts: one JSON line each, whatever the log's level and format, written by a
// thread of its own behind a bounded queue, so that no caller ever waits. Lines that did not fit
// are counted, and said in the file and in the log.
namespace audit {

// Appends to a regular file, made with mode 0640 if it is not there. Blocks.
[[nodiscard]] Result<UniqueFd> open(const std::string& path);

// From here on lines go there; a descriptor of none ends it. What was queued goes to the file
// before. Main thread.
[[nodiscard]] Result<void> use(UniqueFd file);

// Any thread.
[[nodiscard]] bool enabled();
void write(std::string_view source, std::string_view event, std::initializer_list<LogField> fields);

// Waits until everything queued is written, a few seconds at most; before the process ends.
void flush();

}  // namespace audit
}  // namespace postern
