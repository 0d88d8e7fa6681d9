#include "core/tls/server_context.h"

#include <algorithm>

#include "core/tls/digest.h"
#include "core/tls/policy.h"
#include "core/tls/server_context_state.h"
#include "core/tls/tickets.h"

namespace postern::tls {
namespace {

// RFC 8446 section 4.6.1: "Servers MUST NOT use any value greater than 604800 seconds (7 days)."
constexpr std::uint64_t kMaxTicketLifetime = 604800;
// CertificateRequest names the CAs so that a client with several certificates can choose. A list
// this long no longer helps anybody and would cost every handshake.
constexpr std::size_t kMaxCaNames = 8 * 1024;

// The names that CertificateRequest carries; GnuTLS verifies nothing with them.
Result<void> set_ca_names(const std::vector<Certificate>& anchors, Credentials& credentials) {
    for (const Certificate& anchor : anchors) {
        const gnutls_datum_t der = datum_of(anchor.der);
        const int status = gnutls_certificate_set_x509_trust_mem(credentials.handle.get(), &der,
                                                                 GNUTLS_X509_FMT_DER);
        if (status < 0) return internal_error(gnutls_strerror(status));
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<const ServerContext>> ServerContext::create(
    const config::Listener& listener) {
    const config::Tls& tls = listener.tls;
    auto state = std::make_unique<State>();
    state->listener = listener.name;
    state->policy = tls.policy;
    state->client_certificate = tls.client_certificate;
    state->trust = tls.trust;
    state->session_tickets = tls.session_tickets;
    state->ticket_lifetime_seconds = static_cast<int>(
        std::clamp<std::uint64_t>(tls.ticket_lifetime_ns / config::kSecond, 1, kMaxTicketLifetime));

    auto priority = open_policy(tls.policy);
    if (!priority) return priority.error();
    state->priority = std::move(*priority);

    auto anchors = TrustAnchors::from_files(tls.client_ca);
    if (!anchors) return anchors.error();
    state->anchors = std::move(*anchors);
    const std::vector<Certificate> ca_certificates = state->anchors->certificates();
    std::size_t names_size = 0;
    for (const Certificate& anchor : ca_certificates) names_size += anchor.subject.size() + 2;
    state->send_ca_names = names_size <= kMaxCaNames;

    if (tls.certificates.empty())
        return configuration_error("listener \"" + listener.name + "\": no certificate");
    for (const config::Certificate& files : tls.certificates) {
        auto credentials = load_credentials(files);
        if (!credentials) return credentials.error();
        warn_if_not_valid(*credentials, files, {"listener", listener.name});
        if (state->send_ca_names)
            if (const auto set = set_ca_names(ca_certificates, *credentials); !set)
                return set.error();
        for (const std::string& name : credentials->server_names)
            if (std::find(state->server_names.begin(), state->server_names.end(), name) ==
                state->server_names.end())
                state->server_names.push_back(name);
        state->credentials.push_back(std::move(*credentials));
    }
    return std::shared_ptr<const ServerContext>(new ServerContext(std::move(state)));
}

ServerContext::ServerContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServerContext::~ServerContext() = default;

config::ClientCertificate ServerContext::client_certificate() const {
    return state_->client_certificate;
}
config::Trust ServerContext::trust() const {
    return state_->trust;
}

Verification ServerContext::verify_client(const ChainRef& presented, std::int64_t now) const {
    return state_->anchors->verify(presented, Purpose::client_authentication, state_->trust, now);
}

const std::vector<std::string>& ServerContext::server_names() const {
    return state_->server_names;
}

TicketKey ServerContext::ticket_key(std::string_view sni, const Digest256& plugin_policy) const {
    PartsDigest digest;
    digest.add(state_->listener);
    digest.add(state_->credentials_for(sni).chain->digest());
    const std::uint8_t modes[] = {static_cast<std::uint8_t>(state_->client_certificate),
                                  static_cast<std::uint8_t>(state_->trust)};
    digest.add(modes);
    digest.add(state_->anchors->digest());
    digest.add(state_->policy);
    digest.add(plugin_policy);
    return derive_ticket_key(digest.finish());
}

}  // namespace postern::tls
