#pragma once

#include <string>
#include <string_view>

namespace postern::validator {

// What a rule says of a text: the text itself, or with wildcards. Never a regular expression, and
// letter by letter: who wants case ignored lowers it on both sides.
class Pattern {
public:
    // What a star stands for: any rest at the end of a name ("read_*"), or one whole segment
    // between slashes, two of them for one segment or more at the end ("file:///srv/**").
    enum class Form { name, segments };

    // Why a text is no pattern, as the end of a sentence ("has …"); empty: it is one. Never throws,
    // takes any bytes.
    [[nodiscard]] static std::string_view fault(std::string_view text, Form form);

    // `text` has no fault.
    Pattern(std::string text, Form form);

    [[nodiscard]] bool matches(std::string_view text) const;

    [[nodiscard]] const std::string& text() const { return text_; }
    // What stands before the first star: the beginning of all that matches.
    [[nodiscard]] std::string_view head() const { return std::string_view(text_).substr(0, head_); }
    [[nodiscard]] bool exact() const { return head_ == text_.size(); }

private:
    std::string text_;
    Form form_;
    std::size_t head_;
};

}  // namespace postern::validator
