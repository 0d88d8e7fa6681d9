#include "core/tls/client_context.h"

#include "core/tls/client_context_state.h"
#include "core/tls/credentials.h"
#include "core/tls/policy.h"
#include "postern/call.h"

namespace postern::tls {
namespace {

Result<CredentialsOwner> load_own(const config::ClientTls& settings) {
    if (settings.certificate.empty()) return allocate_credentials();
    config::Certificate files;
    files.certificate = settings.certificate;
    files.private_key = settings.private_key;
    files.password_file = settings.password_file;
    auto credentials = load_credentials(files);
    if (!credentials) return credentials.error();
    warn_if_not_valid(*credentials, files, {"side", "client"});
    return std::move(credentials->handle);
}

}  // namespace

Result<std::shared_ptr<const ClientContext>> ClientContext::create(
    const config::ClientTls& settings) {
    auto state = std::make_unique<State>();
    state->trust = settings.trust;

    auto priority = open_policy(settings.policy);
    if (!priority) return priority.error();
    state->priority = std::move(*priority);

    auto credentials = load_own(settings);
    if (!credentials) return credentials.error();
    state->credentials = std::move(*credentials);

    const bool system = settings.trusted_ca.empty() && settings.trust == config::Trust::chain;
    auto anchors =
        system ? TrustAnchors::of_system() : TrustAnchors::from_files(settings.trusted_ca);
    if (!anchors) return anchors.error();
    state->anchors = std::move(*anchors);
    return std::shared_ptr<const ClientContext>(new ClientContext(std::move(state)));
}

ClientContext::ClientContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
ClientContext::~ClientContext() = default;

config::Trust ClientContext::trust() const {
    return state_->trust;
}

Verification ClientContext::verify_server(const ChainRef& presented, const ServerName& name,
                                          std::int64_t now) const {
    return hold_to_name(
        state_->anchors->verify(presented, Purpose::server_authentication, state_->trust, now),
        presented, name);
}

Verification hold_to_name(Verification result, const ChainRef& presented, const ServerName& name) {
    if (presented == nullptr || presented->size() == 0) return result;
    if (is_certificate_for(presented->leaf(), name)) return result;
    // Many a self-signed certificate names no host at all; a pin says whose it is. One that names
    // hosts must name this one, since the same pins may hold several servers.
    const bool pinned = (result.flags & POSTERN_VERIFY_SKIPPED) != 0;
    if (pinned && names_in(presented->leaf()).empty()) return result;
    result.flags |= POSTERN_VERIFY_NAME_MISMATCH;
    result.verified = nullptr;
    if (!result.detail.empty()) result.detail += "; ";
    result.detail += "the certificate is not for \"" + name.text + "\" but for";
    const auto names = names_in(presented->leaf());
    for (const std::string& own : names) result.detail += " " + own;
    if (names.empty()) result.detail += " nothing: it has no subject alternative name";
    return result;
}

}  // namespace postern::tls
