#include "core/upstream/session_affinity.h"

namespace postern::upstream {

void SessionAffinity::remember(std::string_view session, const tls::Identity& caller,
                               std::size_t server) {
    if (session.empty() || session.size() > SessionTable::kMaxLength) return;
    const std::lock_guard lock(mutex_);
    if (SessionTable::Session* const known = sessions_.find(session, caller)) {
        known->server = server;
        sessions_.use(*known);
    } else {
        sessions_.add(session, caller, server);
    }
}

std::optional<std::size_t> SessionAffinity::find(std::string_view session,
                                                 const tls::Identity& caller) {
    const std::lock_guard lock(mutex_);
    SessionTable::Session* const known = sessions_.find(session, caller);
    if (known == nullptr) return std::nullopt;
    sessions_.use(*known);
    return known->server;
}

}  // namespace postern::upstream
