#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace postern::upstream {

// What a session has sent as events of late, so that a client that lost its stream has them again.
// The oldest go first; an event that is larger than all of it is not kept.
class StdioEventBuffer {
public:
    static constexpr std::size_t kMaxEvents = 256;
    static constexpr std::size_t kMaxBytes = 1024 * 1024;

    struct Event {
        std::uint64_t stream = 0;
        std::uint64_t sequence = 0;
        std::string text;
    };

    void add(std::uint64_t stream, std::uint64_t sequence, std::string_view text);
    // Those of `stream` that come after `sequence`, in order.
    template <class Visit>
    void each_after(std::uint64_t stream, std::uint64_t sequence, Visit visit) const {
        for (const Event& event : events_) {
            if (event.stream == stream && event.sequence > sequence) visit(event);
        }
    }
    [[nodiscard]] bool has_after(std::uint64_t stream, std::uint64_t sequence) const;
    [[nodiscard]] bool holds(std::uint64_t stream, std::uint64_t sequence) const;
    void remove(std::uint64_t stream, std::uint64_t sequence);

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return events_.size(); }

private:
    std::deque<Event> events_;
    std::size_t bytes_ = 0;
};

// "3-17" → {3, 17}; nothing else.
[[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> read_event_id(
    std::string_view id);

}  // namespace postern::upstream
