#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/bytes.h"

namespace postern::tls {

// What a client needs to resume sessions, by server name. Bounded: the oldest go. Any thread.
class TicketStore {
public:
    static constexpr std::size_t kMaxTickets = 32;

    // The newest for that server, which is used once (RFC 8446 appendix C.4).
    [[nodiscard]] std::optional<Bytes> take(const std::string& server);
    void put(const std::string& server, Bytes session);

private:
    struct Ticket {
        std::string server;
        Bytes session;
    };
    std::mutex mutex_;
    std::list<Ticket> tickets_;  // the newest first
};

}  // namespace postern::tls
