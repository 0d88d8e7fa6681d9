#include "core/upstream/session_affinity.h"

namespace postern::upstream {

void SessionAffinity::remember(std::string_view session, std::size_t server) {
    if (session.empty() || session.size() > kMaxLength) return;
    const std::lock_guard lock(mutex_);
    const auto [entry, added] = servers_.insert_or_assign(std::string(session), server);
    if (!added) return;
    order_.push_back(entry->first);
    if (order_.size() <= kMaxSessions) return;
    servers_.erase(order_.front());
    order_.pop_front();
}

std::optional<std::size_t> SessionAffinity::find(std::string_view session) const {
    const std::lock_guard lock(mutex_);
    const auto entry = servers_.find(std::string(session));
    if (entry == servers_.end()) return std::nullopt;
    return entry->second;
}

}  // namespace postern::upstream
