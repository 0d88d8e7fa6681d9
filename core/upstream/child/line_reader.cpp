#include "core/upstream/child/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace postern::upstream {
namespace {

constexpr std::size_t kFirst = std::size_t{16} * 1024;
constexpr std::size_t kLeastSpace = std::size_t{4} * 1024;

}  // namespace

std::span<char> LineReader::space() {
    if (too_long_) return {};
    if (begin_ == end_) {
        give_memory_back();
        begin_ = scanned_ = end_ = 0;
    }
    if (capacity_ - end_ < kLeastSpace) {
        if (begin_ >= capacity_ / 2 && begin_ > 0) {
            move_to_front();
        } else {
            grow();
        }
    }
    return {memory_.get() + end_, capacity_ - end_};
}

std::optional<std::string_view> LineReader::next() {
    while (!too_long_) {
        if (scanned_ == end_) return std::nullopt;
        const void* found = std::memchr(memory_.get() + scanned_, '\n', end_ - scanned_);
        if (found == nullptr) {
            scanned_ = end_;
            // One more for a carriage return that may be a part of the line's end.
            too_long_ = end_ - begin_ > max_line_ + 1;
            return std::nullopt;
        }
        const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - memory_.get());
        const auto line = line_until(at);
        begin_ = scanned_ = at + 1;
        if (line) return line;
    }
    return std::nullopt;
}

void LineReader::give_memory_back() {
    const std::size_t left = end_ - begin_;
    if (capacity_ <= 4 * kFirst || left > kFirst / 2) return;
    std::unique_ptr<char[]> memory;
    if (left > 0) {
        memory.reset(new char[kFirst]);
        std::memcpy(memory.get(), memory_.get() + begin_, left);
    }
    capacity_ = left > 0 ? kFirst : 0;
    memory_ = std::move(memory);
    scanned_ -= begin_;
    begin_ = 0;
    end_ = left;
}

std::optional<std::string_view> LineReader::rest() {
    if (too_long_) return std::nullopt;
    const auto line = line_until(end_);
    begin_ = scanned_ = end_;
    return line;
}

std::optional<std::string_view> LineReader::line_until(std::size_t at) {
    std::string_view line(memory_.get() + begin_, at - begin_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > max_line_) {
        too_long_ = true;
        return std::nullopt;
    }
    return line.empty() ? std::nullopt : std::optional(line);
}

void LineReader::move_to_front() {
    std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
}

void LineReader::grow() {
    const std::size_t capacity = std::max(kFirst, capacity_ * 2);
    std::unique_ptr<char[]> memory(new char[capacity]);
    if (end_ > begin_) std::memcpy(memory.get(), memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
    memory_ = std::move(memory);
    capacity_ = capacity;
}

}  // namespace postern::upstream
