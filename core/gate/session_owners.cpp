#include "core/gate/session_owners.h"

namespace postern::gate {
namespace {

constexpr std::size_t kNodes = 256;  // about what list, map and strings cost beside their text

}  // namespace

std::size_t SessionOwners::Session::bytes() const {
    return id.size() + owner.name.size() + owner.anchor.size() + kNodes;
}

SessionOwners::Found SessionOwners::find(std::string_view session, const tls::Identity& caller) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(session);
    if (found == by_id_.end()) return {};
    if (found->second->owner != caller) return {Standing::foreign, found->second->owner};
    sessions_.splice(sessions_.begin(), sessions_, found->second);
    return {Standing::own, {}};
}

bool SessionOwners::bind(std::string_view session, const tls::Identity& caller) {
    if (session.empty() || session.size() > kMaxLength) return false;
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(session); found != by_id_.end()) {
        if (found->second->owner != caller) return false;
        sessions_.splice(sessions_.begin(), sessions_, found->second);
        return true;
    }
    sessions_.push_front({std::string(session), caller});
    by_id_.emplace(sessions_.front().id, sessions_.begin());
    bytes_ += sessions_.front().bytes();
    while (bytes_ > kMaxBytes) erase(std::prev(sessions_.end()));
    return true;
}

void SessionOwners::forget(std::string_view session) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(session); found != by_id_.end()) erase(found->second);
}

void SessionOwners::erase(Sessions::iterator session) {
    bytes_ -= session->bytes();
    by_id_.erase(session->id);
    sessions_.erase(session);
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
