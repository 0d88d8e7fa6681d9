#pragma once

#include <cstddef>
#include <string_view>

namespace postern::mcp {

// Steps through the text of one JSON object or array, value by value, and tells where each stands:
// what simdjson's tree does not keep. The text must have been parsed (JsonDocument) before: here
// nothing is checked but bounds. Beside an iterator of that tree it gives the keys as well.
class JsonCursor {
public:
    explicit JsonCursor(std::string_view container);  // may have space around it

    // The next member's value or next element, without space around it; empty at the end.
    [[nodiscard]] std::string_view next();

private:
    void skip_space();
    void skip_string();
    void skip_value();
    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }

    std::string_view text_;
    std::size_t at_ = 0;
    bool has_keys_ = false;
};

}  // namespace postern::mcp
