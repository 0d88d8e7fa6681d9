#include "core/plugin/ask_input.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "core/plugin/chain_handle.h"
#include "core/plugin/sdk_values.h"

namespace postern::plugin {
namespace {

struct Key {
    std::string_view name;
    std::string_view value;
};

void show_quota(AskInput& input, std::initializer_list<Key> keys) {
    std::size_t count = 0;
    for (const Key& key : keys) input.keys[count++] = {str_of(key.name), str_of(key.value)};
    input.quota = {sizeof(postern_quota_request), input.phase, input.keys.data(), count, 1};
}

std::uint32_t identity_source(const std::string& identity) {
    return identity.empty() ? POSTERN_IDENTITY_NONE : POSTERN_IDENTITY_CERTIFICATE;
}

}  // namespace

void show_accept(AskInput& input, const Endpoint& peer, Quota quota) {
    input.phase = POSTERN_PHASE_ACCEPT;
    if (quota == Quota::unwanted) return;
    input.peer_text = address_text(peer);
    show_quota(input, {{"peer", input.peer_text}});
}

void show(AskInput& input, std::shared_ptr<const tls::ClientHello> hello, Quota quota) {
    input.phase = POSTERN_PHASE_CLIENT_HELLO;
    input.alpn.clear();
    for (const std::string& protocol : hello->alpn) input.alpn.push_back(str_of(protocol));
    postern_client_hello& view = input.hello;
    view.struct_size = sizeof view;
    view.sni = str_of(hello->sni);
    view.alpn = input.alpn.data();
    view.alpn_count = input.alpn.size();
    view.versions = hello->versions.data();
    view.version_count = hello->versions.size();
    view.ciphers = hello->ciphers.data();
    view.cipher_count = hello->ciphers.size();
    view.extensions = hello->extensions.data();
    view.extension_count = hello->extensions.size();
    view.groups = hello->groups.data();
    view.group_count = hello->groups.size();
    view.signature_algorithms = hello->signature_algorithms.data();
    view.signature_algorithm_count = hello->signature_algorithms.size();
    view.ja4 = str_of(hello->ja4);
    view.raw = bytes_of(hello->raw);
    if (quota == Quota::wanted) show_quota(input, {{"sni", hello->sni}, {"ja4", hello->ja4}});
    input.source = std::move(hello);
}

void show(AskInput& input, std::shared_ptr<const PeerCertificate> certificate, Quota) {
    input.phase = POSTERN_PHASE_PEER_CERTIFICATE;
    input.staples.clear();
    for (const Bytes& staple : certificate->staples) input.staples.push_back(bytes_of(staple));
    const tls::Chain* judged =
        certificate->verified ? certificate->verified.get() : certificate->presented.get();
    input.chain_length = judged != nullptr ? judged->size() : 0;
    postern_peer_cert& view = input.certificate;
    view.struct_size = sizeof view;
    view.verify_flags = certificate->verify_flags;
    view.hostname = str_of(certificate->hostname);
    view.presented = handle_of(certificate->presented.get());
    view.verified = handle_of(certificate->verified.get());
    view.staples = input.staples.data();
    view.staple_count = input.staples.size();
    input.source = std::move(certificate);
}

void show(AskInput& input, std::shared_ptr<const Established> session, Quota quota) {
    input.phase = POSTERN_PHASE_ESTABLISHED;
    postern_session& view = input.session;
    view.struct_size = sizeof view;
    view.version = session->version;
    view.cipher = session->cipher;
    view.alpn = str_of(session->alpn);
    view.sni = str_of(session->sni);
    view.peer = handle_of(session->peer.get());
    view.identity = str_of(session->identity);
    view.hostname = str_of(session->hostname);
    view.verify_flags = session->verify_flags;
    if (quota == Quota::wanted) show_quota(input, {{"identity", session->identity}});
    input.source = std::move(session);
}

void show(AskInput& input, std::shared_ptr<const Request> request, Quota quota) {
    input.phase = POSTERN_PHASE_REQUEST;
    postern_request& view = input.request;
    view.struct_size = sizeof view;
    view.identity_source = identity_source(request->identity);
    view.era = request->era;
    view.name_kind = request->name_kind;
    view.route = str_of(request->route);
    view.path = str_of(request->path);
    view.http_method = str_of(request->http_method);
    view.method = str_of(request->method);
    view.name = str_of(request->name);
    view.identity = str_of(request->identity);
    view.session = str_of(request->session);
    view.body_size = request->body_size;
    view.peer = handle_of(request->peer.get());
    view.route_path = str_of(request->route_path);
    if (quota == Quota::wanted) {
        const bool tool = request->name_kind == POSTERN_NAME_TOOL;
        show_quota(input, {{"identity", request->identity},
                           {"route", request->route},
                           {"tool", tool ? std::string_view(request->name) : std::string_view()}});
    }
    input.source = std::move(request);
}

}  // namespace postern::plugin
