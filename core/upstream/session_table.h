#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/tls/verify.h"

namespace postern::upstream {

// Mcp-Session-Ids under the identities that hold them. Bounded: when it is full, who holds most
// loses the session that it used least recently, so that nobody's appetite ends another's session.
// Not locked.
class SessionTable {
    struct Holder;

public:
    struct Session {
        std::string id;
        std::size_t server = 0;  // the user's to write
        [[nodiscard]] const tls::Identity& owner() const { return holder->identity; }

    private:
        friend class SessionTable;
        Holder* holder = nullptr;
    };
    // Whether two identities can hold the same id.
    enum class Ids : bool { of_one_holder, of_each_holder };

    explicit SessionTable(Ids ids) : ids_(ids) {}

    // An identity without a name is every caller without a certificate: they are one holder.
    [[nodiscard]] Session* find(std::string_view id, const tls::Identity& caller);
    void use(Session& session);  // now the holder's most recent
    // What is not there yet, of 1 to kMaxLength bytes. When the table is full of single sessions it
    // may be the new one that does not stay.
    void add(std::string_view id, const tls::Identity& owner, std::size_t server);
    void erase(Session& session);

    static constexpr std::size_t kMaxLength = 1024;
    static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;

private:
    using Sessions = std::list<Session>;
    using Name = std::pair<std::string_view, std::string_view>;
    using Key = std::pair<const Holder*, std::string_view>;  // no holder where there can be but one
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    struct Holder {
        tls::Identity identity;
        Sessions sessions;      // the most recently used first
        std::size_t bytes = 0;  // with what the identity itself takes
    };

    [[nodiscard]] Holder& holder_of(const tls::Identity& identity);
    [[nodiscard]] Key key_of(const Session& session) const;
    void resize(Holder& holder, std::size_t bytes);

    Ids ids_;
    std::map<Name, std::unique_ptr<Holder>> holders_;             // names lie in the holders
    std::set<std::pair<std::size_t, Holder*>> by_size_;           // of holders_
    std::unordered_map<Key, Sessions::iterator, Hash> sessions_;  // keys lie in the sessions
    std::size_t bytes_ = 0;
};

}  // namespace postern::upstream
