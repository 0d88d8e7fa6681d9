#include "core/tls/key_pair.h"

#include <optional>
#include <string_view>

#include "core/base/file.h"

namespace postern::tls {
namespace {

constexpr std::uint64_t kMaxFile = 1024 * 1024;

// Bytes that are wiped when they go.
class Secret {
public:
    explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
    Secret& operator=(Secret&&) = delete;
    ~Secret() {
        if (!bytes_.empty()) gnutls_memset(bytes_.data(), 0, bytes_.size());
    }
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] const char* c_str() const { return reinterpret_cast<const char*>(bytes_.data()); }

private:
    Bytes bytes_;
};

// The first line of the password file, with a NUL behind it; nothing if none is configured.
Result<std::optional<Secret>> read_password(const std::string& path) {
    if (path.empty()) return std::optional<Secret>();
    auto content = read_file(path, kMaxFile);
    if (!content) return content.error();
    const Secret file(std::move(*content));
    const std::string_view text = as_text(file.bytes());
    std::string_view line = text.substr(0, text.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find('\0') != std::string_view::npos)
        return configuration_error(path + ": the password holds a NUL byte");
    Bytes password;
    password.reserve(line.size() + 1);  // growing would leave copies behind
    password.assign(line.begin(), line.end());
    password.push_back(0);
    return std::optional<Secret>(std::in_place, std::move(password));
}

bool is_pkcs12(const std::string& path) {
    return path.ends_with(".p12") || path.ends_with(".pfx") || path.ends_with(".P12") ||
           path.ends_with(".PFX");
}

Error wrong_password(const std::string& path, bool password_given) {
    return configuration_error(path + (password_given
                                           ? ": wrong password (from password_file)"
                                           : ": it is encrypted and no password_file is set"));
}

// A certificate chain as GnuTLS gives it: an allocated array of handles.
struct CertificateArray {
    gnutls_x509_crt_t* handles = nullptr;
    unsigned size = 0;
    CertificateArray() = default;
    CertificateArray(const CertificateArray&) = delete;
    CertificateArray& operator=(const CertificateArray&) = delete;
    ~CertificateArray() {
        for (unsigned i = 0; i < size; ++i) gnutls_x509_crt_deinit(handles[i]);
        gnutls_free(handles);
    }
};

Result<ChainRef> chain_of(const CertificateArray& array, const std::string& path) {
    std::vector<Certificate> certificates;
    for (unsigned i = 0; i < array.size; ++i) {
        GnutlsDatum der;
        if (gnutls_x509_crt_export2(array.handles[i], GNUTLS_X509_FMT_DER, der.out()) < 0)
            return internal_error("out of memory");
        auto certificate = parse_certificate(der.view());
        if (!certificate) return configuration_error(path + ": " + certificate.error().message);
        certificates.push_back(std::move(*certificate));
    }
    return Chain::from_certificates(std::move(certificates));
}

Result<KeyPair> read_pkcs12(const config::Certificate& files) {
    const std::string& path = files.certificate;
    auto content = read_file(path, kMaxFile);
    if (!content) return content.error();
    const Secret file(std::move(*content));
    const auto password = read_password(files.password_file);
    if (!password) return password.error();
    const bool given = password->has_value();
    const char* const word = given ? (**password).c_str() : "";

    gnutls_pkcs12_t handle = nullptr;
    if (gnutls_pkcs12_init(&handle) < 0) return internal_error("out of memory");
    const Pkcs12Owner owner(handle);
    const gnutls_datum_t data = datum_of(file.bytes());
    if (gnutls_pkcs12_import(handle, &data, GNUTLS_X509_FMT_DER, 0) < 0)
        return configuration_error(path + ": it is not a PKCS#12 file");
    if (const int status = gnutls_pkcs12_verify_mac(handle, word);
        status == GNUTLS_E_MAC_VERIFY_FAILED)
        return wrong_password(path, given);

    gnutls_x509_privkey_t key = nullptr;
    CertificateArray chain;
    CertificateArray extra;
    const int status = gnutls_pkcs12_simple_parse(handle, word, &key, &chain.handles, &chain.size,
                                                  &extra.handles, &extra.size, nullptr, 0);
    PrivateKeyOwner key_owner(key);
    if (status == GNUTLS_E_DECRYPTION_FAILED) return wrong_password(path, given);
    if (status < 0) return configuration_error(path + ": " + gnutls_strerror(status));
    if (key == nullptr) return configuration_error(path + ": there is no private key in it");
    if (chain.size == 0)
        return configuration_error(path + ": the key in it does not match any certificate in it");
    auto certificates = chain_of(chain, path);
    if (!certificates) return certificates.error();
    return KeyPair{std::move(*certificates), std::move(key_owner)};
}

Result<PrivateKeyOwner> read_key(const config::Certificate& files) {
    const std::string& path = files.private_key;
    auto content = read_file(path, kMaxFile);
    if (!content) return content.error();
    const Secret file(std::move(*content));
    const auto password = read_password(files.password_file);
    if (!password) return password.error();
    const bool given = password->has_value();

    const std::string_view text = as_text(file.bytes());
    const bool pem = text.find("-----BEGIN ") != std::string_view::npos;
    const bool encrypted = text.find("ENCRYPTED") != std::string_view::npos;
    if (pem && encrypted && !given) return wrong_password(path, given);

    gnutls_x509_privkey_t handle = nullptr;
    if (gnutls_x509_privkey_init(&handle) < 0) return internal_error("out of memory");
    PrivateKeyOwner owner(handle);
    const gnutls_datum_t data = datum_of(file.bytes());
    const int status =
        gnutls_x509_privkey_import2(handle, &data, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER,
                                    given ? (**password).c_str() : nullptr, 0);
    if (status == GNUTLS_E_DECRYPTION_FAILED || (status < 0 && pem && encrypted))
        return wrong_password(path, given);
    if (status < 0)
        return configuration_error(path + ": there is no private key in it (PEM or DER); " +
                                   gnutls_strerror(status));
    return owner;
}

}  // namespace

Result<KeyPair> read_key_pair(const config::Certificate& files) {
    if (is_pkcs12(files.certificate)) return read_pkcs12(files);
    const auto content = read_file(files.certificate, kMaxFile);
    if (!content) return content.error();
    auto chain = import_certificates(*content, files.certificate);
    if (!chain) return chain.error();
    auto key = read_key(files);
    if (!key) return key.error();
    return KeyPair{std::move(*chain), std::move(*key)};
}

}  // namespace postern::tls
