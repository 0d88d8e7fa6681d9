#include "core/base/reason_advice.h"

#include <algorithm>
#include <array>

namespace postern {
namespace {

// clang-format off
constexpr auto kAdvice = std::to_array<ReasonAdvice>({
    {POSTERN_REASON_POLICY, "a plugin has a rule of its own that says no", "read the detail in the log: the plugin that is named there says which rule"},
    {POSTERN_REASON_CERTIFICATE_REQUIRED, "the client was started without a certificate, or with one of an authority that the listener does not name", "give the client its certificate and key, or set client_certificate = \"optional\" if callers without one are meant to come in"},
    {POSTERN_REASON_CERTIFICATE_MALFORMED, "the file was damaged or made by a broken tool", "issue the certificate anew; openssl x509 -text shows where the present one breaks"},
    {POSTERN_REASON_UNKNOWN_AUTHORITY, "the authority is not in client_ca (trusted_ca for a server), or the peer does not send its intermediate certificates", "add the issuing authority's certificate to client_ca (trusted_ca for a server), or have the peer send its whole chain"},
    {POSTERN_REASON_CERTIFICATE_EXPIRED, "nobody renewed it, or the gate's clock is ahead", "renew the certificate that the detail names, and check the gate's clock"},
    {POSTERN_REASON_CERTIFICATE_NOT_YET_VALID, "it was issued a moment ago by a host whose clock is ahead, or the gate's clock is behind", "wait until the time in the detail, or set the clocks of the gate and the authority right"},
    {POSTERN_REASON_WRONG_PURPOSE, "a server's certificate is used by a client, or the other way round", "issue a certificate whose extended key usage is clientAuth for clients, serverAuth for servers, and whose key usage has digitalSignature"},
    {POSTERN_REASON_BAD_SIGNATURE, "an authority was made anew under its old name with another key, or the certificate was changed", "issue the certificate anew by the authority that is trusted now, or list the authority that signed it"},
    {POSTERN_REASON_INSECURE_ALGORITHM, "a key or signature of the chain is from another time: SHA-1, MD5, RSA below 2048 bits, DSA", "issue the certificate anew with EC P-256, Ed25519 or RSA of 2048 bits or more, signed with SHA-256 or better"},
    {POSTERN_REASON_NAME_MISMATCH, "the certificate has no subject alternative name for the name it is reached by; the common name does not count", "issue the certificate with that name as DNS or IP subject alternative name, or set server_name to one that it has"},
    {POSTERN_REASON_NAME_CONSTRAINT, "an authority that is limited to some names issued for others", "have the certificate issued by an authority that may issue for this name, or take the name out of it"},
    {POSTERN_REASON_ISSUER_NOT_A_CA, "a certificate that is no authority's was used to sign another", "have the certificate issued by an authority: basicConstraints CA true, key usage keyCertSign"},
    {POSTERN_REASON_CERTIFICATE_INVALID, "a rule of path validation is broken, often a path length or an unknown critical extension", "read the detail for the rule, and have the certificate that it names issued anew within it"},
    {POSTERN_REASON_CHAIN_TOO_LONG, "the peer sends a whole store instead of its own chain", "have the peer send its certificate and the intermediates below the root, no more than 16"},
    {POSTERN_REASON_WEAK_KEY, "the key is an old one of 1024 bits", "make a new key of at least the size in the detail and issue the certificate anew"},
    {POSTERN_REASON_WEAK_SIGNATURE, "the authority still signs with SHA-1", "have the authority sign with SHA-256 or better, and issue the certificate anew"},
    {POSTERN_REASON_KEY_TYPE_NOT_ALLOWED, "the key is of a type or on a curve that allowed_key_types does not list", "make a new key of a listed type, or add the type to the validator's allowed_key_types"},
    {POSTERN_REASON_CHAIN_TOO_DEEP, "there are more intermediate authorities than max_chain_depth", "raise the validator's max_chain_depth, or trust the intermediate authority in client_ca"},
    {POSTERN_REASON_NAME_MISSING, "the certificate was made with a common name alone", "issue the certificate with a subject alternative name: a URI, DNS name or e-mail address"},
    {POSTERN_REASON_NAME_MALFORMED, "a name has characters that its kind does not know, or a wildcard where none may be", "issue the certificate anew with the name in the detail put right"},
    {POSTERN_REASON_PROFILE_VIOLATION, "the certificate was made by hand or by an old tool", "issue the certificate anew without what the detail objects to; postern cert makes such as pass"},
    {POSTERN_REASON_VALIDITY_TOO_LONG, "the authority issues for years where max_validity is shorter", "issue the certificate for a shorter time, or raise the validator's max_validity"},
    {POSTERN_REASON_IDENTITY_NOT_ALLOWED, "no rule names this identity for what it asked", "add a rule that allows it, or give the caller the certificate of an identity that may"},
    {POSTERN_REASON_NOT_PINNED, "the certificate or its key was renewed, or the client is new", "add the new certificate or its key digest (postern cert fingerprint FILE) to the pinning plugin's pins"},
    {POSTERN_REASON_PIN_EXPIRED, "the time until which the pin holds is over", "pin the certificate anew with a later end, if it is still the right one"},
    {POSTERN_REASON_PIN_PENDING, "the peer came for the first time, and first uses wait for approval", "compare the fingerprint with its owner's, then run postern pin approve"},
    {POSTERN_REASON_REVOKED, "the authority withdrew the certificate", "issue a new certificate for a new key; a revoked one does not come back"},
    {POSTERN_REASON_REVOCATION_UNKNOWN, "the issuer's CRL is missing, out of date or signed by another key", "fetch or make the issuer's current CRL (postern cert crl) and list it in the revocation plugin's crl_files"},
    {POSTERN_REASON_RATE_LIMITED, "a client in a loop, or many behind one address", "slow the client down, or raise the limit in the ratelimit plugin's configuration"},
    {POSTERN_REASON_TOO_MANY_CONCURRENT, "a client keeps more calls or connections open than it may", "have the client close what it does not use, or raise the limit in the ratelimit plugin's configuration"},
    {POSTERN_REASON_PLUGIN_ERROR, "a fault in a plugin, or in what it depends on", "read the plugin's own lines in the log, and mend or remove it"},
    {POSTERN_REASON_PLUGIN_TIMEOUT, "the plugin waits for something that does not answer", "mend what the plugin waits for, or raise timeout of its pipeline entry"},
    {POSTERN_REASON_PLUGIN_OVERLOADED, "answers come slower than questions", "mend what the plugin waits for, or have fewer connections come in"},
    {POSTERN_REASON_PLUGIN_UNKNOWN_ACTION, "the plugin was made for another version of the gate", "install the plugin's version for this gate; postern plugin check FILE judges it"},
    {POSTERN_REASON_CONNECTION_LIMIT, "more clients than the listener is made for, or connections that nobody closes", "raise the listener's max_connections, or shorten idle_timeout"},
    {POSTERN_REASON_HANDSHAKE_TIMEOUT, "a slow network, a port scanner, or a plugin that answers late", "raise handshake_timeout if clients are slow; nothing if it was a scanner"},
    {POSTERN_REASON_NOT_TLS, "a client speaks plain HTTP to the TLS port", "use https in the client's URL"},
    {POSTERN_REASON_CLIENT_HELLO_MALFORMED, "a broken client or an attack", "update the client; nothing if it was none of yours"},
    {POSTERN_REASON_PROTOCOL_VERSION, "an old client that knows no TLS 1.2", "update the client"},
    {POSTERN_REASON_NO_COMMON_PARAMETERS, "an old client without ECDHE and AEAD suites, or a stricter policy", "update the client, or choose a policy that it shares"},
    {POSTERN_REASON_HANDSHAKE_FAILED, "the peer broke off, or its key does not belong to its certificate", "check that the client's key and certificate belong together; the detail has what TLS said"},
    {POSTERN_REASON_PEER_ALERT, "the peer does not trust the gate's certificate", "give the peer the authority of the gate's certificate, and reach the gate by a name that it has"},
    {POSTERN_REASON_PEER_CLOSED, "the peer ended, or something between closed the connection", "nothing if the peer was done; else look at it and at what lies between"},
    {POSTERN_REASON_IDLE_TIMEOUT, "nobody used the connection", "nothing; raise idle_timeout if clients mind"},
    {POSTERN_REASON_WRITE_TIMEOUT, "the peer stopped reading", "look at why the client does not read"},
    {POSTERN_REASON_SHUTDOWN, "the gate was stopped or its listener changed", "connect again when the gate is back"},
    {POSTERN_REASON_TLS_ERROR, "a broken peer, or bytes changed on the way", "look at what lies between; the detail has what TLS said"},
    {POSTERN_REASON_IO_ERROR, "the network broke", "look at the network between"},
    {POSTERN_REASON_FINISHED, "the peer was done", "nothing"},
    {POSTERN_REASON_REQUEST_MALFORMED, "the client's HTTP is not HTTP, or two ways to read it differ", "update the client or the proxy before the gate; the detail says what was wrong"},
    {POSTERN_REASON_HEADER_TOO_LARGE, "long cookies or tokens", "send less, or raise the listener's max_header"},
    {POSTERN_REASON_HEADER_TIMEOUT, "a slow client, or an attack", "raise header_timeout if clients are slow"},
    {POSTERN_REASON_BODY_TOO_LARGE, "a message longer than the listener takes", "send less, or raise the listener's max_body"},
    {POSTERN_REASON_BODY_TIMEOUT, "a slow client, or an attack", "raise idle_timeout if clients are slow"},
    {POSTERN_REASON_NO_ROUTE, "the path in the client's URL is not that of a route", "correct the client's URL, or add a route for its path"},
    {POSTERN_REASON_MISDIRECTED, "a connection for one name was used for another", "connect anew under the name that is asked for"},
    {POSTERN_REASON_HOST_NOT_ALLOWED, "the gate is reached by a name that it does not know", "add the name to the listener's allowed_hosts, or to the gate's certificate"},
    {POSTERN_REASON_ORIGIN_NOT_ALLOWED, "a web page on another site calls the gate", "add the site to the listener's allowed_origins, if it is meant to call"},
    {POSTERN_REASON_UPSTREAM_UNREACHABLE, "the MCP server is down, or its address is wrong", "start the server, or correct the route's upstream"},
    {POSTERN_REASON_UPSTREAM_TIMEOUT, "the MCP server takes longer than the route allows", "look at the server, or raise the route's request_timeout"},
    {POSTERN_REASON_UPSTREAM_MALFORMED, "the MCP server's answer is not what HTTP or MCP know", "update the server; the detail says what was wrong"},
    {POSTERN_REASON_JSON_MALFORMED, "the client's message is no JSON-RPC, or two ways to read it differ", "update the client; the detail says what was wrong"},
    {POSTERN_REASON_OVERLOADED, "the gate has no room for more of this kind", "have fewer at a time, or raise the limit that the detail names"},
    {POSTERN_REASON_SESSION_UNKNOWN, "the gate was restarted, or the session ended", "begin a new session; clients do so by themselves"},
    {POSTERN_REASON_SESSION_FOREIGN, "a session's id was used by another identity", "find out how the caller came by the id; it begins a session of its own"},
    {POSTERN_REASON_TOKEN_NOT_BOUND, "the bearer token was issued for another certificate, or for none", "get a token over a connection with the same certificate (RFC 8705)"},
});
// clang-format on

}  // namespace

std::span<const ReasonAdvice> reason_advice() {
    return kAdvice;
}

const ReasonAdvice& advice_for(Reason reason) {
    const auto found = std::find_if(kAdvice.begin(), kAdvice.end(),
                                    [&](const ReasonAdvice& row) { return row.reason == reason; });
    return found != kAdvice.end() ? *found : kAdvice.front();
}

}  // namespace postern
