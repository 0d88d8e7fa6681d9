#pragma once

#include <cstdint>
#include <string>

#include "core/base/reason_table.h"
#include "core/tls/gnutls_handle.h"

namespace postern::tls {

// Who tells the peer why a handshake failed.
enum class Alert : std::uint8_t {
    ours,    // GnuTLS's own choice for the error, sent by the session at once
    hosts,   // a certificate decision: the host's reason table says
    nobody,  // there is no one to tell
};

struct FailureKind {
    Reason reason = 0;
    Alert alert = Alert::nobody;
    std::string detail;
    std::uint8_t received = 0;  // the peer's alert
};

// `error` is what gnutls_handshake said; `wire_errno` what the wire said last, 0 if nothing.
[[nodiscard]] FailureKind classify_handshake_error(gnutls_session_t session, int error,
                                                   int wire_errno);

// "certificate_unknown (46)", as RFC 8446 section 6 writes it.
[[nodiscard]] std::string alert_text(gnutls_alert_description_t alert);

}  // namespace postern::tls
