#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::upstream {

// Which of several servers minted an Mcp-Session-Id, so that the session's requests go there again
// (the older era keeps state; the newer one has no sessions). Any thread.
class SessionAffinity {
public:
    void remember(std::string_view session, std::size_t server);
    [[nodiscard]] std::optional<std::size_t> find(std::string_view session) const;

private:
    // The oldest are forgotten first: such a session then starts anew at whatever server it meets.
    static constexpr std::size_t kMaxSessions = 65536;
    static constexpr std::size_t kMaxLength = 256;

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> servers_;  // under mutex_
    std::deque<std::string> order_;                         // under mutex_
};

}  // namespace postern::upstream
