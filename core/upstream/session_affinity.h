#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

#include "core/upstream/session_table.h"

namespace postern::upstream {

// Which of several servers minted an Mcp-Session-Id, so that the session's requests go there again
// (the older era keeps state; the newer one has no sessions). Each identity has ids of its own
// here: what a server says to one caller moves no other's session. Any thread.
class SessionAffinity {
public:
    void remember(std::string_view session, const tls::Identity& caller, std::size_t server);
    [[nodiscard]] std::optional<std::size_t> find(std::string_view session,
                                                  const tls::Identity& caller);

private:
    std::mutex mutex_;
    SessionTable sessions_{SessionTable::Ids::of_each_holder};  // under mutex_
};

}  // namespace postern::upstream
