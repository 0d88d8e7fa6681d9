#include "core/base/reason_table.h"

#include <algorithm>
#include <array>

namespace postern {
namespace {

// RFC 8446, section 6.
constexpr std::uint8_t kNoAlert = 0;
constexpr std::uint8_t kUnexpectedMessage = 10;
constexpr std::uint8_t kHandshakeFailure = 40;
constexpr std::uint8_t kBadCertificate = 42;
constexpr std::uint8_t kUnsupportedCertificate = 43;
constexpr std::uint8_t kCertificateRevoked = 44;
constexpr std::uint8_t kCertificateExpired = 45;
constexpr std::uint8_t kCertificateUnknown = 46;
constexpr std::uint8_t kUnknownCa = 48;
constexpr std::uint8_t kAccessDenied = 49;
constexpr std::uint8_t kDecodeError = 50;
constexpr std::uint8_t kProtocolVersion = 70;
constexpr std::uint8_t kInternalError = 80;
// TLS 1.3 only; whoever sends it in TLS 1.2 sends handshake_failure instead (RFC 5246, 7.2.2).
constexpr std::uint8_t kCertificateRequired = 116;

// clang-format off
// In the order of the numbers: reason_row() searches by halves.
constexpr auto kTable = std::to_array<ReasonRow>({
    {POSTERN_REASON_NONE, "none", kNoAlert, 0, "nothing was refused"},
    {POSTERN_REASON_POLICY, "policy", kAccessDenied, 403, "a plugin's own policy refused it"},

    {POSTERN_REASON_CERTIFICATE_REQUIRED, "certificate_required", kCertificateRequired, 403, "a client certificate is required and none was given"},
    {POSTERN_REASON_CERTIFICATE_MALFORMED, "certificate_malformed", kBadCertificate, 403, "the certificate cannot be parsed"},
    {POSTERN_REASON_UNKNOWN_AUTHORITY, "unknown_authority", kUnknownCa, 403, "the certificate was not issued by a trusted authority"},
    {POSTERN_REASON_CERTIFICATE_EXPIRED, "certificate_expired", kCertificateExpired, 403, "the certificate, or one above it, has expired"},
    {POSTERN_REASON_CERTIFICATE_NOT_YET_VALID, "certificate_not_yet_valid", kCertificateExpired, 403, "the certificate, or one above it, is not valid yet"},
    {POSTERN_REASON_WRONG_PURPOSE, "wrong_purpose", kUnsupportedCertificate, 403, "the certificate is not meant for this purpose (key usage or extended key usage)"},
    {POSTERN_REASON_BAD_SIGNATURE, "bad_signature", kBadCertificate, 403, "a signature in the certificate's chain is wrong"},
    {POSTERN_REASON_INSECURE_ALGORITHM, "insecure_algorithm", kUnsupportedCertificate, 403, "the certificate's chain uses an algorithm that is no longer secure"},
    {POSTERN_REASON_NAME_MISMATCH, "name_mismatch", kBadCertificate, 403, "the certificate is for another name"},
    {POSTERN_REASON_NAME_CONSTRAINT, "name_constraint", kBadCertificate, 403, "an authority in the chain may not issue for the certificate's names"},
    {POSTERN_REASON_ISSUER_NOT_A_CA, "issuer_not_a_ca", kBadCertificate, 403, "an issuer in the chain is not a certificate authority"},
    {POSTERN_REASON_CERTIFICATE_INVALID, "certificate_invalid", kBadCertificate, 403, "the certificate or its chain is not valid"},
    {POSTERN_REASON_CHAIN_TOO_LONG, "chain_too_long", kBadCertificate, 403, "more certificates were sent than are looked at"},

    {POSTERN_REASON_WEAK_KEY, "weak_key", kUnsupportedCertificate, 403, "a key in the certificate's chain is weaker than the rules allow"},
    {POSTERN_REASON_WEAK_SIGNATURE, "weak_signature", kUnsupportedCertificate, 403, "a signature algorithm in the chain is weaker than the rules allow"},
    {POSTERN_REASON_KEY_TYPE_NOT_ALLOWED, "key_type_not_allowed", kUnsupportedCertificate, 403, "the rules do not allow keys of this type"},
    {POSTERN_REASON_CHAIN_TOO_DEEP, "chain_too_deep", kBadCertificate, 403, "the chain has more authorities than the rules allow"},
    {POSTERN_REASON_NAME_MISSING, "name_missing", kBadCertificate, 403, "the certificate lacks a name that the rules ask for"},
    {POSTERN_REASON_NAME_MALFORMED, "name_malformed", kBadCertificate, 403, "a name in the certificate is malformed"},
    {POSTERN_REASON_PROFILE_VIOLATION, "profile_violation", kBadCertificate, 403, "the certificate breaks a rule of the X.509 profile (RFC 5280)"},
    {POSTERN_REASON_VALIDITY_TOO_LONG, "validity_too_long", kBadCertificate, 403, "the certificate is valid for longer than the rules allow"},
    {POSTERN_REASON_IDENTITY_NOT_ALLOWED, "identity_not_allowed", kAccessDenied, 403, "no rule allows this identity to do this"},

    {POSTERN_REASON_NOT_PINNED, "not_pinned", kCertificateUnknown, 403, "neither the certificate nor its key is pinned"},
    {POSTERN_REASON_PIN_EXPIRED, "pin_expired", kCertificateUnknown, 403, "the pin for this certificate has expired"},
    {POSTERN_REASON_PIN_PENDING, "pin_pending", kCertificateUnknown, 403, "the pin for this certificate waits for approval"},

    {POSTERN_REASON_REVOKED, "revoked", kCertificateRevoked, 403, "the certificate, or one above it, is revoked"},
    {POSTERN_REASON_REVOCATION_UNKNOWN, "revocation_unknown", kCertificateUnknown, 403, "no answer about the certificate's revocation could be had, and failure_mode is deny"},

    {POSTERN_REASON_RATE_LIMITED, "rate_limited", kNoAlert, 429, "too many connections or calls in the window"},
    {POSTERN_REASON_TOO_MANY_CONCURRENT, "too_many_concurrent", kNoAlert, 429, "too many connections or calls at the same time"},

    {POSTERN_REASON_PLUGIN_ERROR, "plugin_error", kInternalError, 503, "a plugin failed, and on_error is deny"},
    {POSTERN_REASON_PLUGIN_TIMEOUT, "plugin_timeout", kInternalError, 503, "a plugin did not answer in time, and on_timeout is deny"},
    {POSTERN_REASON_PLUGIN_OVERLOADED, "plugin_overloaded", kInternalError, 503, "too many questions to a plugin are unanswered"},
    {POSTERN_REASON_PLUGIN_UNKNOWN_ACTION, "plugin_unknown_action", kInternalError, 503, "a plugin gave an answer that is not known"},

    {POSTERN_REASON_CONNECTION_LIMIT, "connection_limit", kNoAlert, 503, "the listener has as many connections as max_connections allows"},
    {POSTERN_REASON_HANDSHAKE_TIMEOUT, "handshake_timeout", kNoAlert, 0, "the handshake took longer than handshake_timeout"},
    {POSTERN_REASON_NOT_TLS, "not_tls", kNoAlert, 400, "what came is not TLS"},
    {POSTERN_REASON_CLIENT_HELLO_MALFORMED, "client_hello_malformed", kDecodeError, 0, "the ClientHello cannot be parsed"},
    {POSTERN_REASON_PROTOCOL_VERSION, "protocol_version", kProtocolVersion, 0, "the peer offers no version of TLS that the policy allows"},
    {POSTERN_REASON_NO_COMMON_PARAMETERS, "no_common_parameters", kHandshakeFailure, 0, "the peer shares no cipher suite, group or signature algorithm with the policy"},
    {POSTERN_REASON_HANDSHAKE_FAILED, "handshake_failed", kHandshakeFailure, 0, "the handshake failed"},
    {POSTERN_REASON_PEER_ALERT, "peer_alert", kNoAlert, 0, "the peer ended the connection with an alert"},
    {POSTERN_REASON_PEER_CLOSED, "peer_closed", kNoAlert, 0, "the peer closed the connection before it was done"},
    {POSTERN_REASON_IDLE_TIMEOUT, "idle_timeout", kNoAlert, 0, "nothing came for longer than idle_timeout"},
    {POSTERN_REASON_WRITE_TIMEOUT, "write_timeout", kNoAlert, 0, "the peer did not take what it was sent"},
    {POSTERN_REASON_SHUTDOWN, "shutdown", kNoAlert, 503, "the gate is shutting down"},
    {POSTERN_REASON_TLS_ERROR, "tls_error", kUnexpectedMessage, 0, "a TLS record was wrong after the handshake"},
    {POSTERN_REASON_IO_ERROR, "io_error", kNoAlert, 0, "the connection broke"},
    {POSTERN_REASON_FINISHED, "finished", kNoAlert, 0, "the connection ended in good order"},

    {POSTERN_REASON_REQUEST_MALFORMED, "request_malformed", kNoAlert, 400, "the HTTP request is malformed"},
    {POSTERN_REASON_HEADER_TOO_LARGE, "header_too_large", kNoAlert, 431, "the request's header is larger than max_header"},
    {POSTERN_REASON_HEADER_TIMEOUT, "header_timeout", kNoAlert, 408, "the request's header took longer than header_timeout"},
    {POSTERN_REASON_BODY_TOO_LARGE, "body_too_large", kNoAlert, 413, "the request's body is larger than max_body"},
    {POSTERN_REASON_BODY_TIMEOUT, "body_timeout", kNoAlert, 408, "the request's body took too long"},
    {POSTERN_REASON_NO_ROUTE, "no_route", kNoAlert, 404, "no route has this host and path"},
    {POSTERN_REASON_MISDIRECTED, "misdirected", kNoAlert, 421, "the request is for another host than the connection"},
    {POSTERN_REASON_HOST_NOT_ALLOWED, "host_not_allowed", kNoAlert, 421, "the Host header is not one of the listener's names or allowed_hosts"},
    {POSTERN_REASON_ORIGIN_NOT_ALLOWED, "origin_not_allowed", kNoAlert, 403, "the Origin header is not in allowed_origins"},
    {POSTERN_REASON_UPSTREAM_UNREACHABLE, "upstream_unreachable", kNoAlert, 502, "the MCP server cannot be reached"},
    {POSTERN_REASON_UPSTREAM_TIMEOUT, "upstream_timeout", kNoAlert, 504, "the MCP server did not answer in time"},
    {POSTERN_REASON_UPSTREAM_MALFORMED, "upstream_malformed", kNoAlert, 502, "the MCP server's answer is malformed"},
    {POSTERN_REASON_JSON_MALFORMED, "json_malformed", kNoAlert, 400, "the request's body is not a JSON-RPC message"},
    {POSTERN_REASON_OVERLOADED, "overloaded", kNoAlert, 503, "the gate has more work than it takes on"},
    {POSTERN_REASON_SESSION_UNKNOWN, "session_unknown", kNoAlert, 404, "the gate knows of no such Mcp-Session-Id"},
    {POSTERN_REASON_SESSION_FOREIGN, "session_foreign", kNoAlert, 404, "the Mcp-Session-Id belongs to another identity"},
    {POSTERN_REASON_TOKEN_NOT_BOUND, "token_not_bound", kNoAlert, 401, "the bearer token is not bound to the client's certificate"},
});
// clang-format on

static_assert(std::is_sorted(kTable.begin(), kTable.end(),
                             [](const ReasonRow& left, const ReasonRow& right) {
                                 return left.reason < right.reason;
                             }));
static_assert(kTable[1].reason == POSTERN_REASON_POLICY);

}  // namespace

std::span<const ReasonRow> reason_table() {
    return kTable;
}

const ReasonRow& reason_row(Reason reason) {
    const auto row =
        std::lower_bound(kTable.begin(), kTable.end(), reason,
                         [](const ReasonRow& left, Reason right) { return left.reason < right; });
    return row != kTable.end() && row->reason == reason ? *row : kTable[1];
}

std::optional<Reason> reason_by_name(std::string_view name) {
    const auto row = std::find_if(kTable.begin(), kTable.end(),
                                  [&](const ReasonRow& each) { return each.name == name; });
    if (row == kTable.end()) return std::nullopt;
    return row->reason;
}

}  // namespace postern
