#include "pattern.h"

#include <algorithm>
#include <utility>

namespace postern::validator {

namespace {

constexpr std::size_t kMaxPattern = 2048;

// Takes the first segment off `rest`; `more` says whether a slash stood behind it.
std::string_view take_segment(std::string_view& rest, bool& more) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    more = slash != std::string_view::npos;
    rest.remove_prefix(more ? slash + 1 : rest.size());
    return segment;
}

bool segments_match(std::string_view pattern, std::string_view text) {
    for (bool pattern_goes_on = true, text_goes_on = true; pattern_goes_on && text_goes_on;) {
        const std::string_view wanted = take_segment(pattern, pattern_goes_on);
        if (wanted == "**") return !text.empty();
        const std::string_view segment = take_segment(text, text_goes_on);
        if (wanted == "*" ? segment.empty() : wanted != segment) return false;
        if (!pattern_goes_on && !text_goes_on) return true;
    }
    return false;
}

}  // namespace

std::string_view Pattern::fault(std::string_view text, Form form) {
    if (text.empty()) return "is empty";
    if (text.size() > kMaxPattern) return "is longer than 2048 characters";
    if (form == Form::name) {
        const std::size_t star = text.find('*');
        return star == std::string_view::npos || star + 1 == text.size()
                   ? std::string_view()
                   : "has a * before its end; it stands for any rest, at the end alone";
    }
    for (bool more = true; more;) {
        const std::string_view segment = take_segment(text, more);
        if (segment == "**" && more) return "has ** before its end";
        if (segment != "*" && segment != "**" && segment.find('*') != std::string_view::npos) {
            return "has a * that is not a whole segment between slashes";
        }
    }
    return {};
}

Pattern::Pattern(std::string text, Form form)
    : text_(std::move(text)), form_(form), head_(std::min(text_.find('*'), text_.size())) {}

bool Pattern::matches(std::string_view text) const {
    if (exact()) return text == text_;
    if (text.substr(0, head_) != head()) return false;
    return form_ == Form::name || segments_match(text_, text);
}

}  // namespace postern::validator
