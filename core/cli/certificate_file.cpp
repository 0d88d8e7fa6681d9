#include "core/cli/certificate_file.h"

#include <optional>
#include <string_view>

#include "core/base/file.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/pkcs12_file.h"
#include "core/cli/printable.h"
#include "core/cli/private_key.h"

namespace postern::cli {
namespace {

constexpr std::uint64_t kMaxFile = 4 * 1024 * 1024;
constexpr std::size_t kMaxCertificates = 1000;
// GnuTLS reads a CRL in time quadratic in its entries; at this size it takes about a second.
constexpr std::size_t kMaxCrl = 512 * 1024;

Result<tls::CertificateOwner> import_certificate(ByteView der) {
    gnutls_x509_crt_t handle = nullptr;
    if (const int rc = gnutls_x509_crt_init(&handle); rc < 0)
        return gnutls_failure("certificate", rc);
    tls::CertificateOwner certificate(handle);
    const auto datum = tls::datum_of(der);
    if (const int rc = gnutls_x509_crt_import(handle, &datum, GNUTLS_X509_FMT_DER); rc < 0)
        return configuration_error(std::string("not a certificate: ") + gnutls_strerror(rc));
    return certificate;
}

Result<tls::CrlOwner> import_crl(ByteView der) {
    if (der.size() > kMaxCrl)
        return configuration_error("a CRL above 512 KiB is not read here; openssl crl -text is");
    gnutls_x509_crl_t handle = nullptr;
    if (const int rc = gnutls_x509_crl_init(&handle); rc < 0) return gnutls_failure("CRL", rc);
    tls::CrlOwner crl(handle);
    const auto datum = tls::datum_of(der);
    if (const int rc = gnutls_x509_crl_import(handle, &datum, GNUTLS_X509_FMT_DER); rc < 0)
        return configuration_error(std::string("not a CRL: ") + gnutls_strerror(rc));
    return crl;
}

struct PemBlock {
    std::string_view label;
    std::string_view text;  // with its BEGIN and END lines
};

// The next block at or after `at`, which then stands behind it; none at the end of the file.
Result<std::optional<PemBlock>> next_block(std::string_view content, std::size_t& at) {
    constexpr std::string_view kBegin = "-----BEGIN ", kDashes = "-----";
    const auto begin = content.find(kBegin, at);
    if (begin == content.npos) return std::optional<PemBlock>();
    const auto label_at = begin + kBegin.size();
    const auto label_end = content.find(kDashes, label_at);
    if (label_end == content.npos || label_end - label_at > 64)
        return configuration_error("a PEM block begins but its label does not end");
    const auto label = content.substr(label_at, label_end - label_at);
    const auto end_line = "-----END " + std::string(label) + "-----";
    const auto end = content.find(end_line, label_end);
    if (end == content.npos)
        return configuration_error("the PEM block \"" + printable(label) + "\" has no end");
    at = end + end_line.size();
    return std::optional<PemBlock>({label, content.substr(begin, at - begin)});
}

Result<void> add_der(ByteView der, std::string_view label, CertificateFile& file) {
    if (label == "X509 CRL") {
        auto crl = import_crl(der);
        if (!crl) return crl.error();
        file.crls.push_back(std::move(*crl));
        return {};
    }
    auto certificate = import_certificate(der);
    if (!certificate) return certificate.error();
    file.certificates.push_back(std::move(*certificate));
    return {};
}

Result<void> add_block(const PemBlock& block, const std::string& path,
                       const PasswordSource& password, Keys keys, CertificateFile& file) {
    if (block.label.ends_with("PRIVATE KEY")) {
        if (keys != Keys::read || file.key) return {};
        auto key = parse_private_key(as_bytes(block.text), path, password);
        if (!key) return key.error();
        file.key = std::move(*key);
        return {};
    }
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE" &&
        block.label != "X509 CRL")
        return {};
    if (file.certificates.size() + file.crls.size() >= kMaxCertificates)
        return configuration_error("more than 1000 certificates");
    const auto datum = tls::datum_of(as_bytes(block.text));
    tls::GnutlsDatum der;
    if (gnutls_pem_base64_decode2(nullptr, &datum, der.out()) < 0)
        return configuration_error("the PEM block \"" + std::string(block.label) +
                                   "\" is not base64");
    return add_der(der.view(), block.label, file);
}

Result<CertificateFile> parse_pem(ByteView content, const std::string& path,
                                  const PasswordSource& password, Keys keys) {
    CertificateFile file;
    std::size_t at = 0;
    while (true) {
        const auto block = next_block(as_text(content), at);
        if (!block) return configuration_error(printable(path) + ": " + block.error().message);
        if (!*block) break;
        if (auto added = add_block(**block, path, password, keys, file); !added)
            return Error{added.error().fault, added.error().message.starts_with(printable(path))
                                                  ? added.error().message
                                                  : printable(path) + ": " + added.error().message};
    }
    const bool alone = file.certificates.empty() && file.crls.empty();
    return keys == Keys::if_alone && alone ? parse_pem(content, path, password, Keys::read)
                                           : std::move(file);
}

Result<CertificateFile> parse_der(ByteView content, const std::string& path,
                                  const PasswordSource& password, Keys keys) {
    CertificateFile file;
    file.format = FileFormat::der;
    if (auto certificate = import_certificate(content)) {
        file.certificates.push_back(std::move(*certificate));
        return file;
    }
    if (is_pkcs12(content)) return parse_pkcs12(content, path, password);
    if (content.size() <= kMaxCrl) {
        if (auto crl = import_crl(content)) {
            file.crls.push_back(std::move(*crl));
            return file;
        }
    }
    if (keys != Keys::skip) {
        auto key = parse_private_key(content, path, password);
        if (key)
            file.key = std::move(*key);
        else if (key.error().message.find("no private key") == std::string::npos)
            return key.error();
    }
    return file;
}

}  // namespace

Result<CertificateFile> read_certificate_file(const std::string& path,
                                              const PasswordSource& password, Keys keys) {
    auto content = read_file(path, kMaxFile);
    if (!content) return configuration_error(std::move(content).error().message);
    const bool pem = as_text(*content).find("-----BEGIN ") != std::string_view::npos;
    auto file =
        pem ? parse_pem(*content, path, password, keys) : parse_der(*content, path, password, keys);
    gnutls_memset(content->data(), 0, content->size());
    if (file && file->certificates.empty() && file->crls.empty() && !file->key)
        return configuration_error(
            printable(path) + (keys == Keys::skip ? ": no certificate or CRL in it; PEM, DER or "
                                                    "PKCS#12 is expected"
                                                  : ": no certificate, CRL or key in it; PEM, DER "
                                                    "or PKCS#12 is expected"));
    return file;
}

Result<std::vector<tls::CertificateOwner>> read_certificates(const std::string& path) {
    auto file = read_certificate_file(path, {"--password-file", ""}, Keys::skip);
    if (!file) return file.error();
    if (file->certificates.empty())
        return configuration_error(printable(path) + ": no certificate in it");
    return std::move(file->certificates);
}

}  // namespace postern::cli
