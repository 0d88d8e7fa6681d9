#include "core/mcp/event_stream.h"

#include <algorithm>

namespace postern::mcp {
namespace {

// A field's lines: each part of `text` between line ends, behind `field`.
void append_lines(std::string& stream, std::string_view field, std::string_view text) {
    for (;;) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        stream.append(field).append(text.substr(0, end)).append("\n");
        if (end == text.size()) return;
        text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
    }
}

void append_id(std::string& stream, std::string_view id) {
    constexpr std::string_view kNotInIds("\r\n\0", 3);
    if (id.empty() || id.find_first_of(kNotInIds) != std::string_view::npos) return;
    stream.append("id: ").append(id).append("\n");
}

}  // namespace

void append_event(std::string& stream, std::string_view id, std::string_view data) {
    stream.reserve(stream.size() + id.size() + data.size() + 32);
    stream += "event: message\n";
    append_id(stream, id);
    append_lines(stream, "data: ", data);
    stream += '\n';
}

void append_priming_event(std::string& stream, std::string_view id) {
    append_id(stream, id);
    stream += "data:\n\n";
}

void append_comment(std::string& stream, std::string_view text) {
    append_lines(stream, text.empty() ? ":" : ": ", text);
    stream += '\n';
}

void append_retry(std::string& stream, std::chrono::milliseconds wait) {
    stream.append("retry: ").append(std::to_string(wait.count())).append("\n\n");
}

}  // namespace postern::mcp
