#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/tls/verify.h"

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

    // An identity without a name is every caller without a certificate: they share what they have.
    [[nodiscard]] Found find(std::string_view session, const tls::Identity& caller);
    // Who was given an id first keeps it. False: it is another's, or too long to be remembered.
    [[nodiscard]] bool bind(std::string_view session, const tls::Identity& caller);
    void forget(std::string_view session);

    static constexpr std::size_t kMaxLength = 1024;
    // Then the least recently used are forgotten: their clients hear 404 and initialize again.
    static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;

private:
    struct Session {
        std::string id;
        tls::Identity owner;
        [[nodiscard]] std::size_t bytes() const;
    };
    using Sessions = std::list<Session>;

    void erase(Sessions::iterator session);

    std::mutex mutex_;
    Sessions sessions_;  // the most recently used first; all below under mutex_
    std::unordered_map<std::string_view, Sessions::iterator> by_id_;  // keys lie in sessions_
    std::size_t bytes_ = 0;
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
