#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/tls/verify.h"
#include "core/upstream/session_table.h"

namespace postern::gate {

// Which identity each Mcp-Session-Id of one route was given to: to know an id is not to own it. By
// identity, not by certificate, so that a session outlives the renewal of its client's. Any thread:
// one short lock a request that carries a session; a shard would need more callers than a route has
// loops.
class SessionOwners {
public:
    enum class Standing { own, foreign, unknown };
    struct Found {
        Standing standing = Standing::unknown;
        tls::Identity owner;  // when foreign
    };

    [[nodiscard]] Found find(std::string_view session, const tls::Identity& caller);
    // Who was given an id first keeps it. False: it is another's, or too long to be remembered.
    [[nodiscard]] bool bind(std::string_view session, const tls::Identity& caller);
    void forget(std::string_view session, const tls::Identity& caller);

    static constexpr std::size_t kMaxLength = upstream::SessionTable::kMaxLength;

private:
    std::mutex mutex_;
    // Under mutex_. The clients of what it had no room for hear 404 and initialize again.
    upstream::SessionTable sessions_{upstream::SessionTable::Ids::of_one_holder};
};

// The owners' tables by listener and route. Outlives generations, so that a reload ends no session;
// a table goes with the last generation that has its route. Main thread.
class SessionTables {
public:
    [[nodiscard]] std::shared_ptr<SessionOwners> of(const std::string& listener,
                                                    const std::string& route);

private:
    std::map<std::pair<std::string, std::string>, std::weak_ptr<SessionOwners>> tables_;
};

}  // namespace postern::gate
