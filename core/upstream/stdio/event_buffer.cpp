#include "core/upstream/stdio/event_buffer.h"

#include <algorithm>
#include <charconv>

namespace postern::upstream {
namespace {

std::optional<std::uint64_t> read_number(std::string_view digits) {
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, number);
    if (digits.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
}

}  // namespace

void StdioEventBuffer::add(std::uint64_t stream, std::uint64_t sequence, std::string_view text) {
    if (text.size() > kMaxBytes) return;
    while (!events_.empty() && (events_.size() >= kMaxEvents || bytes_ + text.size() > kMaxBytes)) {
        bytes_ -= events_.front().text.size();
        events_.pop_front();
    }
    bytes_ += text.size();
    events_.push_back({stream, sequence, std::string(text)});
}

bool StdioEventBuffer::has_after(std::uint64_t stream, std::uint64_t sequence) const {
    return std::any_of(events_.begin(), events_.end(), [&](const Event& event) {
        return event.stream == stream && event.sequence > sequence;
    });
}

bool StdioEventBuffer::holds(std::uint64_t stream, std::uint64_t sequence) const {
    return std::any_of(events_.begin(), events_.end(), [&](const Event& event) {
        return event.stream == stream && event.sequence == sequence;
    });
}

void StdioEventBuffer::remove(std::uint64_t stream, std::uint64_t sequence) {
    const auto found = std::find_if(events_.begin(), events_.end(), [&](const Event& event) {
        return event.stream == stream && event.sequence == sequence;
    });
    if (found == events_.end()) return;
    bytes_ -= found->text.size();
    events_.erase(found);
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> read_event_id(std::string_view id) {
    const std::size_t dash = id.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto stream = read_number(id.substr(0, dash));
    const auto sequence = read_number(id.substr(dash + 1));
    if (!stream || !sequence) return std::nullopt;
    return std::pair{*stream, *sequence};
}

}  // namespace postern::upstream
