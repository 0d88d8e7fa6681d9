#include "tests/unit/sdk_fake_host/fake_x509.h"

#include <string_view>

namespace postern::fake {

namespace {

using tls::Certificate;
using tls::Chain;

const Chain* chain_of(const postern_chain* chain) {
    return reinterpret_cast<const Chain*>(chain);
}

const Certificate* at(const postern_chain* chain, size_t index) {
    const Chain* found = chain_of(chain);
    return found != nullptr && index < found->size() ? &found->certificates()[index] : nullptr;
}

template <class Container>
postern_bytes bytes(const Container& value) {
    return {reinterpret_cast<const uint8_t*>(value.data()), value.size()};
}

template <class Container>
postern_bytes nth(const std::vector<Container>& values, size_t index) {
    return index < values.size() ? bytes(values[index]) : postern_bytes{};
}

postern_bytes field(const postern_chain* chain, size_t index, uint32_t which) {
    const Certificate* c = at(chain, index);
    if (c == nullptr) return {};
    switch (which) {
        case POSTERN_X_SUBJECT:
            return bytes(c->subject);
        case POSTERN_X_ISSUER:
            return bytes(c->issuer);
        case POSTERN_X_SERIAL:
            return bytes(c->serial);
        case POSTERN_X_SPKI:
            return bytes(c->spki);
        case POSTERN_X_SUBJECT_TEXT:
            return bytes(c->subject_text);
        case POSTERN_X_ISSUER_TEXT:
            return bytes(c->issuer_text);
        case POSTERN_X_SIGNATURE_OID:
            return bytes(c->signature_oid);
        case POSTERN_X_SUBJECT_KEY_ID:
            return bytes(c->subject_key_id);
        case POSTERN_X_AUTHORITY_KEY_ID:
            return bytes(c->authority_key_id);
        case POSTERN_X_CURVE_OID:
            return bytes(c->curve_oid);
        case POSTERN_X_SHA256:
            return bytes(c->sha256);
        case POSTERN_X_SPKI_SHA256:
            return bytes(c->spki_sha256);
        default:
            return {};
    }
}

postern_rc number(const postern_chain* chain, size_t index, uint32_t which, int64_t* out) {
    const Certificate* c = at(chain, index);
    if (c == nullptr) return POSTERN_E_INVALID;
    const int64_t values[] = {c->version,        c->key_type,   c->key_bits,
                              c->signature_hash, c->is_ca,      c->path_length,
                              c->key_usage,      c->not_before, c->not_after};
    if (which < POSTERN_X_VERSION || which > POSTERN_X_NOT_AFTER) return POSTERN_E_INVALID;
    *out = values[which - POSTERN_X_VERSION];
    return POSTERN_OK;
}

template <class Visit>
auto with_names(const Certificate& c, uint32_t kind, Visit&& visit) {
    switch (kind) {
        case POSTERN_X_SAN_DNS:
            return visit(c.san_dns);
        case POSTERN_X_SAN_IP:
            return visit(c.san_ip);
        case POSTERN_X_SAN_EMAIL:
            return visit(c.san_email);
        case POSTERN_X_SAN_URI:
            return visit(c.san_uri);
        case POSTERN_X_SAN_OTHER:
            return visit(c.san_other);
        case POSTERN_X_EXTENDED_KEY_USAGE:
            return visit(c.extended_key_usage);
        case POSTERN_X_CRL_URI:
            return visit(c.crl_uris);
        case POSTERN_X_OCSP_URI:
            return visit(c.ocsp_uris);
        case POSTERN_X_CA_ISSUERS_URI:
            return visit(c.ca_issuers_uris);
        case POSTERN_X_COMMON_NAME:
            return visit(c.common_names);
        default:
            return visit(std::vector<std::string>());
    }
}

size_t name_count(const postern_chain* chain, size_t index, uint32_t kind) {
    const Certificate* c = at(chain, index);
    if (c == nullptr) return 0;
    if (kind == POSTERN_X_EXTENSION) return c->extensions.size();
    return with_names(*c, kind, [](const auto& names) { return names.size(); });
}

postern_bytes name(const postern_chain* chain, size_t index, uint32_t kind, size_t which) {
    const Certificate* c = at(chain, index);
    if (c == nullptr) return {};
    if (kind == POSTERN_X_EXTENSION) {
        return which < c->extensions.size() ? bytes(c->extensions[which].oid) : postern_bytes{};
    }
    return with_names(*c, kind, [which](const auto& names) { return nth(names, which); });
}

postern_rc extension(const postern_chain* chain, size_t index, const char* oid,
                     postern_bytes* value, uint32_t* critical) {
    const Certificate* c = at(chain, index);
    if (c == nullptr) return POSTERN_E_INVALID;
    for (const tls::Extension& each : c->extensions) {
        if (each.oid != oid) continue;
        *value = bytes(each.value);
        *critical = each.critical ? 1 : 0;
        return POSTERN_OK;
    }
    return POSTERN_E_NOT_FOUND;
}

postern_rc import_certificates(const postern_host*, postern_bytes input,
                               const postern_chain** out) {
    const auto chain = tls::import_certificates(ByteView(input.data, input.size), "input");
    if (!chain) return POSTERN_E_INVALID;
    intrusive_ptr_add_ref(chain->get());
    *out = handle(*chain);
    return POSTERN_OK;
}

}  // namespace

const postern_chain* handle(const tls::ChainRef& chain) {
    return reinterpret_cast<const postern_chain*>(chain.get());
}

const postern_x509* x509_service() {
    static const postern_x509 table{sizeof(postern_x509),
                                    0,
                                    [](const postern_chain* chain) -> size_t {
                                        return chain == nullptr ? 0 : chain_of(chain)->size();
                                    },
                                    [](const postern_chain* chain, size_t index) -> postern_bytes {
                                        const Certificate* c = at(chain, index);
                                        return c == nullptr ? postern_bytes{} : bytes(c->der);
                                    },
                                    &field,
                                    &number,
                                    &name_count,
                                    &name,
                                    &extension,
                                    &import_certificates,
                                    [](const postern_chain* chain) {
                                        intrusive_ptr_add_ref(chain_of(chain));
                                        return chain;
                                    },
                                    [](const postern_chain* chain) {
                                        if (chain != nullptr)
                                            intrusive_ptr_release(chain_of(chain));
                                    }};
    return &table;
}

Answer ask_peer_certificate(FakeInstance& instance,
                            postern_rc (*hook)(void*, const postern_call*, const postern_peer_cert*,
                                               postern_verdict*),
                            std::uint32_t flags, const FakePeer& peer) {
    postern_peer_cert cert{};
    cert.struct_size = sizeof cert;
    cert.verify_flags = peer.verify_flags;
    cert.hostname = {peer.hostname.data(), peer.hostname.size()};
    cert.presented = handle(peer.presented);
    cert.verified = handle(peer.verified);
    return instance.ask(flags, [&](void* self, const postern_call* call, postern_verdict* out) {
        return hook(self, call, &cert, out);
    });
}

}  // namespace postern::fake
