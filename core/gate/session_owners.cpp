#include "core/gate/session_owners.h"

namespace postern::gate {

SessionOwners::Found SessionOwners::find(std::string_view session, const tls::Identity& caller) {
    const std::lock_guard lock(mutex_);
    auto* const known = sessions_.find(session, caller);
    if (known == nullptr) return {};
    if (known->owner() != caller) return {Standing::foreign, known->owner()};
    sessions_.use(*known);
    return {Standing::own, {}};
}

bool SessionOwners::bind(std::string_view session, const tls::Identity& caller) {
    if (session.empty() || session.size() > kMaxLength) return false;
    const std::lock_guard lock(mutex_);
    if (auto* const known = sessions_.find(session, caller)) {
        if (known->owner() != caller) return false;
        sessions_.use(*known);
    } else {
        sessions_.add(session, caller, 0);
    }
    return true;
}

void SessionOwners::forget(std::string_view session, const tls::Identity& caller) {
    const std::lock_guard lock(mutex_);
    auto* const known = sessions_.find(session, caller);
    if (known != nullptr && known->owner() == caller) sessions_.erase(*known);
}

std::shared_ptr<SessionOwners> SessionTables::of(const std::string& listener,
                                                 const std::string& route) {
    std::erase_if(tables_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<SessionOwners>& known = tables_[{listener, route}];
    std::shared_ptr<SessionOwners> owners = known.lock();
    if (!owners) {
        owners = std::make_shared<SessionOwners>();
        known = owners;
    }
    return owners;
}

}  // namespace postern::gate
