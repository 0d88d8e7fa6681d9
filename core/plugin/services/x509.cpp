#include "core/plugin/services/x509.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/chain_handle.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::size_t kMaxImport = 16 * 1024 * 1024;
constexpr std::size_t kMaxCertificates = 1000;

const tls::Certificate* certificate_of(const postern_chain* handle, std::size_t index) {
    const tls::Chain* chain = chain_of(handle);
    return chain != nullptr && index < chain->size() ? &chain->certificates()[index] : nullptr;
}

std::size_t count(const postern_chain* handle) {
    const tls::Chain* chain = chain_of(handle);
    return chain != nullptr ? chain->size() : 0;
}

postern_bytes der(const postern_chain* chain, std::size_t index) {
    const tls::Certificate* certificate = certificate_of(chain, index);
    return certificate != nullptr ? bytes_of(certificate->der) : postern_bytes{};
}

ByteView field_of(const tls::Certificate& certificate, std::uint32_t field) {
    switch (field) {
        case POSTERN_X_SUBJECT:
            return certificate.subject;
        case POSTERN_X_ISSUER:
            return certificate.issuer;
        case POSTERN_X_SERIAL:
            return certificate.serial;
        case POSTERN_X_SPKI:
            return certificate.spki;
        case POSTERN_X_SUBJECT_TEXT:
            return as_bytes(certificate.subject_text);
        case POSTERN_X_ISSUER_TEXT:
            return as_bytes(certificate.issuer_text);
        case POSTERN_X_SIGNATURE_OID:
            return as_bytes(certificate.signature_oid);
        case POSTERN_X_SUBJECT_KEY_ID:
            return certificate.subject_key_id;
        case POSTERN_X_AUTHORITY_KEY_ID:
            return certificate.authority_key_id;
        case POSTERN_X_CURVE_OID:
            return as_bytes(certificate.curve_oid);
        case POSTERN_X_SHA256:
            return certificate.sha256;
        case POSTERN_X_SPKI_SHA256:
            return certificate.spki_sha256;
        default:
            return {};
    }
}

postern_bytes field(const postern_chain* chain, std::size_t index, std::uint32_t which) {
    const tls::Certificate* certificate = certificate_of(chain, index);
    return certificate != nullptr ? bytes_of(field_of(*certificate, which)) : postern_bytes{};
}

postern_rc number(const postern_chain* chain, std::size_t index, std::uint32_t which,
                  std::int64_t* out) {
    const tls::Certificate* certificate = certificate_of(chain, index);
    if (certificate == nullptr || out == nullptr) return POSTERN_E_INVALID;
    switch (which) {
        case POSTERN_X_VERSION:
            *out = certificate->version;
            return POSTERN_OK;
        case POSTERN_X_KEY_TYPE:
            *out = certificate->key_type;
            return POSTERN_OK;
        case POSTERN_X_KEY_BITS:
            *out = certificate->key_bits;
            return POSTERN_OK;
        case POSTERN_X_SIGNATURE_HASH:
            *out = certificate->signature_hash;
            return POSTERN_OK;
        case POSTERN_X_IS_CA:
            *out = certificate->is_ca;
            return POSTERN_OK;
        case POSTERN_X_PATH_LENGTH:
            *out = certificate->path_length;
            return POSTERN_OK;
        case POSTERN_X_KEY_USAGE:
            *out = certificate->key_usage;
            return POSTERN_OK;
        case POSTERN_X_NOT_BEFORE:
            *out = certificate->not_before;
            return POSTERN_OK;
        case POSTERN_X_NOT_AFTER:
            *out = certificate->not_after;
            return POSTERN_OK;
        default:
            return POSTERN_E_INVALID;
    }
}

// The list of one kind to `use(count, get)`, whose lists are of strings, of bytes or of extensions.
template <class Use>
auto with_list(const tls::Certificate& certificate, std::uint32_t kind, Use use) {
    const auto texts = [&use](const std::vector<std::string>& list) {
        return use(list.size(), [&list](std::size_t i) { return as_bytes(list[i]); });
    };
    const auto blobs = [&use](const std::vector<Bytes>& list) {
        return use(list.size(), [&list](std::size_t i) { return ByteView(list[i]); });
    };
    switch (kind) {
        case POSTERN_X_SAN_DNS:
            return texts(certificate.san_dns);
        case POSTERN_X_SAN_IP:
            return blobs(certificate.san_ip);
        case POSTERN_X_SAN_EMAIL:
            return texts(certificate.san_email);
        case POSTERN_X_SAN_URI:
            return texts(certificate.san_uri);
        case POSTERN_X_SAN_OTHER:
            return blobs(certificate.san_other);
        case POSTERN_X_EXTENDED_KEY_USAGE:
            return texts(certificate.extended_key_usage);
        case POSTERN_X_CRL_URI:
            return texts(certificate.crl_uris);
        case POSTERN_X_OCSP_URI:
            return texts(certificate.ocsp_uris);
        case POSTERN_X_CA_ISSUERS_URI:
            return texts(certificate.ca_issuers_uris);
        case POSTERN_X_COMMON_NAME:
            return texts(certificate.common_names);
        case POSTERN_X_EXTENSION:
            return use(certificate.extensions.size(), [&certificate](std::size_t i) {
                return as_bytes(certificate.extensions[i].oid);
            });
        default:
            return use(0, [](std::size_t) { return ByteView(); });
    }
}

std::size_t name_count(const postern_chain* chain, std::size_t index, std::uint32_t kind) {
    const tls::Certificate* certificate = certificate_of(chain, index);
    if (certificate == nullptr) return 0;
    return with_list(*certificate, kind, [](std::size_t size, auto) { return size; });
}

postern_bytes name(const postern_chain* chain, std::size_t index, std::uint32_t kind,
                   std::size_t place) {
    const tls::Certificate* certificate = certificate_of(chain, index);
    if (certificate == nullptr) return {};
    return with_list(*certificate, kind, [place](std::size_t size, auto get) {
        return place < size ? bytes_of(get(place)) : postern_bytes{};
    });
}

postern_rc extension(const postern_chain* chain, std::size_t index, const char* oid,
                     postern_bytes* value, std::uint32_t* critical) {
    const tls::Certificate* certificate = certificate_of(chain, index);
    if (certificate == nullptr || oid == nullptr || value == nullptr || critical == nullptr) {
        return POSTERN_E_INVALID;
    }
    const auto& all = certificate->extensions;
    const auto found = std::find_if(
        all.begin(), all.end(), [wanted = std::string_view(oid)](const tls::Extension& candidate) {
            return candidate.oid == wanted;
        });
    if (found == all.end()) return POSTERN_E_NOT_FOUND;
    *value = bytes_of(found->value);
    *critical = found->critical ? 1 : 0;
    return POSTERN_OK;
}

// Before anything is parsed: each costs far more than its marker.
std::size_t pem_blocks(std::string_view text) {
    constexpr std::string_view kMarker = "-----BEGIN ";
    std::size_t found = 0;
    for (std::size_t at = text.find(kMarker); at != std::string_view::npos;
         at = text.find(kMarker, at + kMarker.size())) {
        ++found;
    }
    return found;
}

postern_rc import_certificates(const postern_host*, postern_bytes pem_or_der,
                               const postern_chain** out) {
    const ByteView content = view_of(pem_or_der);
    if (out == nullptr || content.empty()) return POSTERN_E_INVALID;
    if (content.size() > kMaxImport || pem_blocks(as_text(content)) > kMaxCertificates) {
        return POSTERN_E_DENIED;
    }
    auto chain = tls::import_certificates(content, "certificates given by a plugin");
    if (!chain || (*chain)->size() == 0) return POSTERN_E_INVALID;
    *out = handle_of(chain->detach());
    return POSTERN_OK;
}

const postern_chain* ref(const postern_chain* handle) {
    if (handle != nullptr) intrusive_ptr_add_ref(chain_of(handle));
    return handle;
}

void unref(const postern_chain* handle) {
    if (handle != nullptr) intrusive_ptr_release(chain_of(handle));
}

}  // namespace

const postern_x509* x509_service() {
    static const postern_x509 table{sizeof(postern_x509), 0,
                                    guarded<count>,       guarded<der>,
                                    guarded<field>,       guarded<number>,
                                    guarded<name_count>,  guarded<name>,
                                    guarded<extension>,   guarded<import_certificates>,
                                    guarded<ref>,         guarded<unref>};
    return &table;
}

}  // namespace postern::plugin
