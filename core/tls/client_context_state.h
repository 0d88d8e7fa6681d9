#pragma once

#include <memory>

#include "core/tls/client_context.h"
#include "core/tls/gnutls_handle.h"
#include "core/tls/ticket_store.h"

namespace postern::tls {

// What a session takes from its context. Immutable, but for the tickets.
class ClientContext::State {
public:
    PriorityOwner priority;
    CredentialsOwner credentials;                 // without a certificate: an empty one
    std::shared_ptr<const TrustAnchors> anchors;  // perhaps none under trust = "pin"
    config::Trust trust = config::Trust::chain;
    mutable TicketStore tickets;
};

}  // namespace postern::tls
