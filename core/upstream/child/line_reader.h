#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace postern::upstream {

// Cuts a stream into lines of at most `max_line` bytes. A line ends with "\n" or "\r\n"; empty ones
// are left out. Bytes are read into the reader's own memory and handed out from there.
class LineReader {
public:
    explicit LineReader(std::size_t max_line) : max_line_(max_line) {}

    // Where the next bytes belong; then say how many came. Empty once too_long().
    [[nodiscard]] std::span<char> space();
    void filled(std::size_t count) { end_ += count; }

    // The next whole line, until the next call of this object. None: more bytes are needed, or the
    // line is too long, after which there is nothing more to be had.
    [[nodiscard]] std::optional<std::string_view> next();
    // At the end of the stream: what came after the last line feed.
    [[nodiscard]] std::optional<std::string_view> rest();

    // After a big line its memory goes back: an idle child costs what a small one does. No line
    // that next() gave is valid after it.
    void give_memory_back();

    [[nodiscard]] std::size_t unfinished() const { return end_ - begin_; }
    [[nodiscard]] bool too_long() const { return too_long_; }
    [[nodiscard]] std::size_t memory() const { return capacity_; }

private:
    [[nodiscard]] std::optional<std::string_view> line_until(std::size_t at);
    void move_to_front();
    void grow();

    std::size_t max_line_;
    std::unique_ptr<char[]> memory_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;    // of the line that is being read
    std::size_t scanned_ = 0;  // no line feed before this
    std::size_t end_ = 0;
    bool too_long_ = false;
};

}  // namespace postern::upstream
