#include "core/tls/handshake_failure.h"

#include <cerrno>
#include <string_view>
#include <system_error>

namespace postern::tls {
namespace {

struct Row {
    int error;
    Reason reason;
    Alert alert;
};
constexpr Row kRows[] = {
    {GNUTLS_E_UNSUPPORTED_VERSION_PACKET, POSTERN_REASON_PROTOCOL_VERSION, Alert::ours},
    {GNUTLS_E_INAPPROPRIATE_FALLBACK, POSTERN_REASON_PROTOCOL_VERSION, Alert::ours},
    {GNUTLS_E_NO_CIPHER_SUITES, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_UNKNOWN_CIPHER_SUITE, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_NO_COMMON_KEY_SHARE, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_ECC_UNSUPPORTED_CURVE, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_NO_APPLICATION_PROTOCOL, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_INSUFFICIENT_CREDENTIALS, POSTERN_REASON_NO_COMMON_PARAMETERS, Alert::ours},
    {GNUTLS_E_PREMATURE_TERMINATION, POSTERN_REASON_PEER_CLOSED, Alert::nobody},
    {GNUTLS_E_NO_CERTIFICATE_FOUND, POSTERN_REASON_CERTIFICATE_REQUIRED, Alert::hosts},
    {GNUTLS_E_CERTIFICATE_REQUIRED, POSTERN_REASON_CERTIFICATE_REQUIRED, Alert::hosts},
    {GNUTLS_E_CERTIFICATE_ERROR, POSTERN_REASON_CERTIFICATE_INVALID, Alert::hosts},
    {GNUTLS_E_X509_UNSUPPORTED_EXTENSION, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_X509_DUPLICATE_EXTENSION, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_ASN1_DER_ERROR, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_ASN1_TAG_ERROR, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_ASN1_VALUE_NOT_VALID, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_ASN1_GENERIC_ERROR, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_ASN1_ELEMENT_NOT_FOUND, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
    {GNUTLS_E_ASN1_DER_OVERFLOW, POSTERN_REASON_CERTIFICATE_MALFORMED, Alert::ours},
};

}  // namespace

FailureKind classify_handshake_error(gnutls_session_t session, int error, int wire_errno) {
    // In TLS 1.2 GnuTLS calls an alert in the certificate's place a missing certificate.
    const bool alert_received =
        error == GNUTLS_E_FATAL_ALERT_RECEIVED || error == GNUTLS_E_WARNING_ALERT_RECEIVED ||
        (error == GNUTLS_E_NO_CERTIFICATE_FOUND && gnutls_alert_get(session) != 0);
    if (alert_received)
        return {POSTERN_REASON_PEER_ALERT, Alert::nobody,
                "the peer sent the alert " + alert_text(gnutls_alert_get(session)),
                static_cast<std::uint8_t>(gnutls_alert_get(session))};
    if (error == GNUTLS_E_PULL_ERROR || error == GNUTLS_E_PUSH_ERROR) {
        const bool gone = wire_errno == ECONNRESET || wire_errno == EPIPE;
        return {gone ? POSTERN_REASON_PEER_CLOSED : POSTERN_REASON_IO_ERROR, Alert::nobody,
                std::generic_category().message(wire_errno)};
    }
    for (const Row& row : kRows)
        if (row.error == error) return {row.reason, row.alert, gnutls_strerror(error)};
    return {POSTERN_REASON_HANDSHAKE_FAILED, Alert::ours, gnutls_strerror(error)};
}

std::string alert_text(gnutls_alert_description_t alert) {
    const char* const name = gnutls_alert_get_strname(alert);
    std::string text = name == nullptr ? "unknown" : name;
    constexpr std::string_view kPrefix = "GNUTLS_A_";
    if (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text + " (" + std::to_string(static_cast<int>(alert)) + ")";
}

}  // namespace postern::tls
