#include "core/mcp/json_cursor.h"

#include <algorithm>

namespace postern::mcp {
namespace {

constexpr std::string_view kSpace = " \t\n\r";
constexpr std::string_view kAfterScalar = " \t\n\r,]}";

}  // namespace

JsonCursor::JsonCursor(std::string_view container) : text_(container) {
    skip_space();
    has_keys_ = !at_end() && text_[at_] == '{';
    ++at_;
}

std::string_view JsonCursor::next() {
    skip_space();
    if (!at_end() && text_[at_] == ',') {
        ++at_;
        skip_space();
    }
    if (at_end() || text_[at_] == ']' || text_[at_] == '}') return {};
    if (has_keys_) {
        skip_string();
        skip_space();
        ++at_;  // the colon
        skip_space();
    }
    const std::size_t start = std::min(at_, text_.size());
    skip_value();
    return text_.substr(start, at_ - start);
}

void JsonCursor::skip_space() {
    at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
}

// A quote ends the string when an even number of backslashes stands before it.
void JsonCursor::skip_string() {
    const std::size_t first = at_ + 1;
    std::size_t quote = text_.find('"', first);
    while (quote != std::string_view::npos) {
        std::size_t backslash = quote;
        while (backslash > first && text_[backslash - 1] == '\\') --backslash;
        if ((quote - backslash) % 2 == 0) break;
        quote = text_.find('"', quote + 1);
    }
    at_ = quote == std::string_view::npos ? text_.size() : quote + 1;
}

void JsonCursor::skip_value() {
    std::size_t depth = 0;
    while (!at_end()) {
        const char c = text_[at_];
        if (c == '"') {
            skip_string();
        } else if (c == '{' || c == '[') {
            ++depth;
            ++at_;
        } else if (c == '}' || c == ']') {
            if (depth > 0) --depth;
            ++at_;
        } else if (depth == 0) {
            at_ = std::min(text_.find_first_of(kAfterScalar, at_), text_.size());
        } else {
            ++at_;
        }
        if (depth == 0) return;
    }
}

}  // namespace postern::mcp
