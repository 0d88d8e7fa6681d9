#pragma once

#include "core/base/bytes.h"
#include "core/tls/server_context.h"

namespace postern::tls {

// HKDF-SHA256 (RFC 5869) of a secret that this process drew at its start, bound to `policy`: the
// digest of everything that a ticket must not outlive.
[[nodiscard]] TicketKey derive_ticket_key(const Digest256& policy);

}  // namespace postern::tls
