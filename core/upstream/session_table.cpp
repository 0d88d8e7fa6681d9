#include "core/upstream/session_table.h"

#include <functional>

namespace postern::upstream {
namespace {

constexpr std::size_t kNodes = 256;  // about what lists, maps and strings cost beside their text

std::size_t bytes_of(const tls::Identity& identity) {
    return identity.name.size() + identity.anchor.size() + kNodes;
}

}  // namespace

std::size_t SessionTable::Hash::operator()(const Key& key) const {
    return std::hash<std::string_view>{}(key.second) ^
           std::hash<const void*>{}(key.first) * 0x9E3779B97F4A7C15U;
}

SessionTable::Session* SessionTable::find(std::string_view id, const tls::Identity& caller) {
    const Holder* holder = nullptr;
    if (ids_ == Ids::of_each_holder) {
        const auto known = holders_.find({caller.name, caller.anchor});
        if (known == holders_.end()) return nullptr;
        holder = known->second.get();
    }
    const auto found = sessions_.find({holder, id});
    return found == sessions_.end() ? nullptr : &*found->second;
}

void SessionTable::use(Session& session) {
    Sessions& all = session.holder->sessions;
    all.splice(all.begin(), all, sessions_.at(key_of(session)));
}

void SessionTable::add(std::string_view id, const tls::Identity& owner, std::size_t server) {
    Holder& holder = holder_of(owner);
    Session session;
    session.id = id;
    session.server = server;
    session.holder = &holder;
    holder.sessions.push_front(std::move(session));
    sessions_.emplace(key_of(holder.sessions.front()), holder.sessions.begin());
    resize(holder, holder.bytes + id.size() + kNodes);
    while (bytes_ > kMaxBytes) erase(by_size_.rbegin()->second->sessions.back());
}

void SessionTable::erase(Session& session) {
    Holder& holder = *session.holder;
    const auto found = sessions_.find(key_of(session));
    const Sessions::iterator place = found->second;
    sessions_.erase(found);
    resize(holder, holder.bytes - session.id.size() - kNodes);
    holder.sessions.erase(place);
    if (!holder.sessions.empty()) return;
    resize(holder, 0);
    by_size_.erase({0, &holder});
    holders_.erase(holders_.find({holder.identity.name, holder.identity.anchor}));
}

SessionTable::Holder& SessionTable::holder_of(const tls::Identity& identity) {
    const auto known = holders_.find({identity.name, identity.anchor});
    if (known != holders_.end()) return *known->second;
    auto made = std::make_unique<Holder>();
    made->identity = identity;
    Holder& holder = *made;
    holders_.emplace(Name{holder.identity.name, holder.identity.anchor}, std::move(made));
    resize(holder, bytes_of(identity));
    return holder;
}

SessionTable::Key SessionTable::key_of(const Session& session) const {
    return {ids_ == Ids::of_each_holder ? session.holder : nullptr, session.id};
}

void SessionTable::resize(Holder& holder, std::size_t bytes) {
    by_size_.erase({holder.bytes, &holder});
    bytes_ = bytes_ - holder.bytes + bytes;
    holder.bytes = bytes;
    by_size_.emplace(bytes, &holder);
}

}  // namespace postern::upstream
