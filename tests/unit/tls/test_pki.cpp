#include "tests/unit/tls/test_pki.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace postern::tls::test {
namespace {

void check(int status) {
    if (status < 0) throw std::runtime_error(gnutls_strerror(status));
}

unsigned default_bits(gnutls_pk_algorithm_t algorithm) {
    if (algorithm == GNUTLS_PK_ECDSA) return GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    if (algorithm == GNUTLS_PK_EDDSA_ED25519) return GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519);
    return 2048;
}

void add_names(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t kind,
               const std::vector<std::string>& names) {
    for (const std::string& name : names)
        check(gnutls_x509_crt_set_subject_alt_name(
            crt, kind, name.data(), static_cast<unsigned>(name.size()), GNUTLS_FSAN_APPEND));
}

void constrain(gnutls_x509_crt_t crt, const std::string& permitted) {
    gnutls_x509_name_constraints_t constraints = nullptr;
    check(gnutls_x509_name_constraints_init(&constraints));
    const gnutls_datum_t name = datum_of(as_bytes(permitted));
    check(gnutls_x509_name_constraints_add_permitted(constraints, GNUTLS_SAN_DNSNAME, &name));
    check(gnutls_x509_crt_set_name_constraints(crt, constraints, 1));
    gnutls_x509_name_constraints_deinit(constraints);
}

}  // namespace

std::string Issued::pem() const {
    GnutlsDatum text;
    check(gnutls_x509_crt_export2(handle.get(), GNUTLS_X509_FMT_PEM, text.out()));
    return std::string(as_text(text.view()));
}

std::string Issued::key_pem() const {
    GnutlsDatum text;
    check(gnutls_x509_privkey_export2(key.get(), GNUTLS_X509_FMT_PEM, text.out()));
    return std::string(as_text(text.view()));
}

std::string Issued::encrypted_key_pem(const std::string& password) const {
    GnutlsDatum text;
    check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, password.c_str(),
                                            GNUTLS_PKCS_PBES2_AES_256, text.out()));
    return std::string(as_text(text.view()));
}

Issued issue(const Wanted& wanted) {
    static unsigned char serial = 0;
    gnutls_x509_privkey_t key = nullptr;
    check(gnutls_x509_privkey_init(&key));
    PrivateKeyOwner key_owner(key);
    const unsigned bits = wanted.bits == 0 ? default_bits(wanted.algorithm) : wanted.bits;
    if (wanted.key_of != nullptr)
        check(gnutls_x509_privkey_cpy(key, wanted.key_of->key.get()));
    else
        check(gnutls_x509_privkey_generate(key, wanted.algorithm, bits, 0));

    gnutls_x509_crt_t crt = nullptr;
    check(gnutls_x509_crt_init(&crt));
    CertificateOwner owner(crt);
    check(gnutls_x509_crt_set_version(crt, 3));
    const unsigned char number[] = {0x11, ++serial};
    check(gnutls_x509_crt_set_serial(crt, number, sizeof number));
    if (!wanted.common_name.empty())
        check(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                            wanted.common_name.data(),
                                            static_cast<unsigned>(wanted.common_name.size())));
    check(gnutls_x509_crt_set_activation_time(crt, wanted.not_before));
    check(gnutls_x509_crt_set_expiration_time(crt, wanted.not_after));
    check(gnutls_x509_crt_set_key(crt, key));
    check(gnutls_x509_crt_set_basic_constraints(crt, wanted.ca ? 1 : 0, wanted.path_length));
    const unsigned usage = wanted.key_usage != 0 ? wanted.key_usage
                           : wanted.ca           ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                                                 : GNUTLS_KEY_DIGITAL_SIGNATURE;
    check(gnutls_x509_crt_set_key_usage(crt, usage));
    if (!wanted.ca)
        for (const std::string& purpose : wanted.purposes)
            check(gnutls_x509_crt_set_key_purpose_oid(crt, purpose.c_str(), 0));
    add_names(crt, GNUTLS_SAN_DNSNAME, wanted.dns);
    add_names(crt, GNUTLS_SAN_URI, wanted.uri);
    add_names(crt, GNUTLS_SAN_RFC822NAME, wanted.email);
    add_names(crt, GNUTLS_SAN_IPADDRESS, wanted.ip);
    if (!wanted.permitted_dns.empty()) constrain(crt, wanted.permitted_dns);
    for (const RawExtension& extension : wanted.extensions)
        check(gnutls_x509_crt_set_extension_by_oid(crt, extension.oid.c_str(),
                                                   extension.value.data(), extension.value.size(),
                                                   extension.critical ? 1 : 0));

    const Issued* issuer = wanted.issuer;
    check(gnutls_x509_crt_sign2(crt, issuer == nullptr ? crt : issuer->handle.get(),
                                issuer == nullptr ? key : issuer->key.get(), wanted.digest, 0));
    GnutlsDatum der;
    check(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, der.out()));
    const ByteView view = der.view();
    return {std::move(owner), std::move(key_owner), Bytes(view.begin(), view.end())};
}

Issued issue_authority(const std::string& name, const Issued* issuer) {
    Wanted wanted;
    wanted.common_name = name;
    wanted.ca = true;
    wanted.issuer = issuer;
    wanted.not_before = kNow - 10 * kDay;
    wanted.not_after = kNow + 300 * kDay;
    return issue(wanted);
}

ChainRef chain_of(std::initializer_list<const Issued*> certificates) {
    std::vector<ByteView> ders;
    for (const Issued* certificate : certificates) ders.emplace_back(certificate->der);
    auto chain = Chain::from_der(ders);
    if (!chain) throw std::runtime_error(chain.error().message);
    return *chain;
}

Bytes pkcs12_of(const Issued& leaf, const Issued& authority, const std::string& password) {
    gnutls_pkcs12_bag_t certificates = nullptr;
    check(gnutls_pkcs12_bag_init(&certificates));
    const Pkcs12BagOwner certificate_owner(certificates);
    unsigned char id[20];
    std::size_t id_size = sizeof id;
    check(gnutls_x509_privkey_get_key_id(leaf.key.get(), 0, id, &id_size));
    gnutls_datum_t id_datum = {id, static_cast<unsigned>(id_size)};
    const int index = gnutls_pkcs12_bag_set_crt(certificates, leaf.handle.get());
    check(index);
    check(gnutls_pkcs12_bag_set_key_id(certificates, static_cast<unsigned>(index), &id_datum));
    check(gnutls_pkcs12_bag_set_crt(certificates, authority.handle.get()));
    check(gnutls_pkcs12_bag_encrypt(certificates, password.c_str(), GNUTLS_PKCS_PBES2_AES_256));

    gnutls_pkcs12_bag_t keys = nullptr;
    check(gnutls_pkcs12_bag_init(&keys));
    const Pkcs12BagOwner key_owner(keys);
    GnutlsDatum key;
    check(gnutls_x509_privkey_export2_pkcs8(leaf.key.get(), GNUTLS_X509_FMT_DER, password.c_str(),
                                            GNUTLS_PKCS_PBES2_AES_256, key.out()));
    const int key_index =
        gnutls_pkcs12_bag_set_data(keys, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, key.out());
    check(key_index);
    check(gnutls_pkcs12_bag_set_key_id(keys, static_cast<unsigned>(key_index), &id_datum));

    gnutls_pkcs12_t file = nullptr;
    check(gnutls_pkcs12_init(&file));
    const Pkcs12Owner owner(file);
    check(gnutls_pkcs12_set_bag(file, certificates));
    check(gnutls_pkcs12_set_bag(file, keys));
    check(gnutls_pkcs12_generate_mac(file, password.c_str()));
    GnutlsDatum der;
    check(gnutls_pkcs12_export2(file, GNUTLS_X509_FMT_DER, der.out()));
    const ByteView view = der.view();
    return Bytes(view.begin(), view.end());
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "postern-tls-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file, std::ios::binary) << content;
    return file.string();
}

}  // namespace postern::tls::test
