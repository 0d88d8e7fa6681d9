#include "core/cli/pkcs12_file.h"

#include <array>

#include "core/cli/gnutls_failure.h"
#include "core/cli/printable.h"
#include "core/cli/private_key.h"

namespace postern::cli {
namespace {

Result<tls::Pkcs12Owner> new_pkcs12() {
    gnutls_pkcs12_t handle = nullptr;
    if (const int rc = gnutls_pkcs12_init(&handle); rc < 0) return gnutls_failure("PKCS#12", rc);
    return tls::Pkcs12Owner(handle);
}

Result<tls::Pkcs12BagOwner> new_bag() {
    gnutls_pkcs12_bag_t handle = nullptr;
    if (const int rc = gnutls_pkcs12_bag_init(&handle); rc < 0)
        return gnutls_failure("PKCS#12", rc);
    return tls::Pkcs12BagOwner(handle);
}

// Null and "" are different passwords to PKCS#12, and files with either exist.
Result<std::optional<Secret>> opening_password(gnutls_pkcs12_t pkcs12, const std::string& path,
                                               const PasswordSource& password) {
    if (password.file.empty()) {
        if (gnutls_pkcs12_verify_mac(pkcs12, nullptr) >= 0) return std::optional<Secret>();
        if (gnutls_pkcs12_verify_mac(pkcs12, "") >= 0) return std::optional<Secret>(Secret());
    }
    auto secret = password.existing(path);
    if (!secret) return secret.error();
    if (gnutls_pkcs12_verify_mac(pkcs12, secret->c_str()) < 0)
        return configuration_error(printable(path) + ": does not open; is the password of " +
                                   password.flag + " the right one?");
    return std::optional<Secret>(std::move(*secret));
}

void take(gnutls_x509_crt_t* list, unsigned count, std::vector<tls::CertificateOwner>& into) {
    for (unsigned i = 0; i < count; ++i) into.emplace_back(list[i]);
    gnutls_free(list);
}

// Adds the bag's next element its identity: the key and its certificate find each other by
// localKeyID, people by the friendly name.
int mark(gnutls_pkcs12_bag_t bag, int index, const std::string& name, Bytes& key_id) {
    auto id = tls::datum_of(key_id);
    const int rc = gnutls_pkcs12_bag_set_key_id(bag, static_cast<unsigned>(index), &id);
    if (rc < 0 || name.empty()) return rc;
    return gnutls_pkcs12_bag_set_friendly_name(bag, static_cast<unsigned>(index), name.c_str());
}

Result<void> add_certificates(gnutls_pkcs12_t pkcs12, std::span<const gnutls_x509_crt_t> chain,
                              const std::string& name, Bytes& key_id) {
    const auto bag = new_bag();
    if (!bag) return bag.error();
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const int index = gnutls_pkcs12_bag_set_crt(bag->get(), chain[i]);
        if (index < 0) return gnutls_failure("PKCS#12", index);
        if (i > 0) continue;
        if (const int rc = mark(bag->get(), index, name, key_id); rc < 0)
            return gnutls_failure("PKCS#12", rc);
    }
    if (const int rc = gnutls_pkcs12_set_bag(pkcs12, bag->get()); rc < 0)
        return gnutls_failure("PKCS#12", rc);
    return {};
}

Result<void> add_key(gnutls_pkcs12_t pkcs12, gnutls_x509_privkey_t key, const std::string& name,
                     Bytes& key_id, const Secret& password) {
    tls::GnutlsDatum encoded;
    if (const int rc = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_DER, password.c_str(),
                                                         GNUTLS_PKCS_PBES2_AES_256, encoded.out());
        rc < 0)
        return gnutls_failure("PKCS#12", rc);
    const auto bag = new_bag();
    if (!bag) return bag.error();
    const int index =
        gnutls_pkcs12_bag_set_data(bag->get(), GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, encoded.out());
    if (index < 0) return gnutls_failure("PKCS#12", index);
    int rc = mark(bag->get(), index, name, key_id);
    if (rc >= 0) rc = gnutls_pkcs12_set_bag(pkcs12, bag->get());
    if (rc < 0) return gnutls_failure("PKCS#12", rc);
    return {};
}

}  // namespace

bool is_pkcs12(ByteView der) {
    const auto pkcs12 = new_pkcs12();
    const auto datum = tls::datum_of(der);
    return pkcs12 && gnutls_pkcs12_import(pkcs12->get(), &datum, GNUTLS_X509_FMT_DER, 0) >= 0;
}

Result<CertificateFile> parse_pkcs12(ByteView der, const std::string& path,
                                     const PasswordSource& password) {
    const auto pkcs12 = new_pkcs12();
    if (!pkcs12) return pkcs12.error();
    const auto datum = tls::datum_of(der);
    if (gnutls_pkcs12_import(pkcs12->get(), &datum, GNUTLS_X509_FMT_DER, 0) < 0)
        return configuration_error(printable(path) + ": is not PKCS#12");
    const auto secret = opening_password(pkcs12->get(), path, password);
    if (!secret) return secret.error();

    gnutls_x509_privkey_t key = nullptr;
    gnutls_x509_crt_t *chain = nullptr, *others = nullptr;
    unsigned chain_length = 0, others_length = 0;
    gnutls_x509_crl_t crl = nullptr;
    const int rc = gnutls_pkcs12_simple_parse(pkcs12->get(), *secret ? (*secret)->c_str() : nullptr,
                                              &key, &chain, &chain_length, &others, &others_length,
                                              &crl, GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED);
    if (rc < 0)
        return configuration_error(printable(path) +
                                   ": the PKCS#12 file cannot be read: " + gnutls_strerror(rc));
    CertificateFile file;
    file.format = FileFormat::pkcs12;
    file.key.reset(key);
    take(chain, chain_length, file.certificates);
    take(others, others_length, file.certificates);
    if (crl) file.crls.emplace_back(crl);
    return file;
}

Result<Secret> encode_pkcs12(gnutls_x509_privkey_t key, std::span<const gnutls_x509_crt_t> chain,
                             const std::string& friendly_name, const Secret& password) {
    const auto digest = public_key_digest(key);
    if (!digest) return digest.error();
    Bytes key_id(digest->begin(), digest->begin() + 20);
    const auto pkcs12 = new_pkcs12();
    if (!pkcs12) return pkcs12.error();
    if (auto added = add_certificates(pkcs12->get(), chain, friendly_name, key_id); !added)
        return added.error();
    if (auto added = add_key(pkcs12->get(), key, friendly_name, key_id, password); !added)
        return added.error();
    tls::GnutlsDatum der;
    int rc = gnutls_pkcs12_generate_mac2(pkcs12->get(), GNUTLS_MAC_SHA256, password.c_str());
    if (rc >= 0) rc = gnutls_pkcs12_export2(pkcs12->get(), GNUTLS_X509_FMT_DER, der.out());
    if (rc < 0) return gnutls_failure("PKCS#12", rc);
    return Secret(der.view());
}

}  // namespace postern::cli
