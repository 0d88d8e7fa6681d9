#include "core/tls/ticket_store.h"

#include <algorithm>
#include <utility>

namespace postern::tls {

std::optional<Bytes> TicketStore::take(const std::string& server) {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(tickets_.begin(), tickets_.end(),
                     [&server](const Ticket& ticket) { return ticket.server == server; });
    if (found == tickets_.end()) return std::nullopt;
    Bytes session = std::move(found->session);
    tickets_.erase(found);
    return session;
}

void TicketStore::put(const std::string& server, Bytes session) {
    const std::lock_guard lock(mutex_);
    tickets_.push_front({server, std::move(session)});
    if (tickets_.size() > kMaxTickets) tickets_.pop_back();
}

}  // namespace postern::tls
