// import_certificates of chain.h.
#include <string_view>

#include "core/tls/chain.h"
#include "core/tls/gnutls_handle.h"

namespace postern::tls {
namespace {

constexpr std::size_t kMaxCertificates = 1000;
constexpr std::size_t kMaxImport = 16 * 1024 * 1024;
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";

// Where the next certificate's block begins; blocks of other kinds, such as keys, are passed over.
std::size_t find_block(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find(kBegin, from); at != std::string_view::npos;
         at = text.find(kBegin, at + kBegin.size())) {
        const std::string_view name = text.substr(at + kBegin.size());
        if (name.starts_with("CERTIFICATE-----") || name.starts_with("X509 CERTIFICATE-----"))
            return at;
    }
    return std::string_view::npos;
}

std::string place(const std::string& what, std::size_t number) {
    return what + ": certificate " + std::to_string(number) + ": ";
}

}  // namespace

Result<ChainRef> import_certificates(ByteView pem_or_der, const std::string& what) {
    if (pem_or_der.size() > kMaxImport)
        return configuration_error(what + ": longer than 16 MiB, the most that is read");
    const std::string_view text = as_text(pem_or_der);

    std::vector<Certificate> certificates;
    std::size_t at = find_block(text, 0);
    if (at == std::string_view::npos) {
        if (pem_or_der.empty() || pem_or_der[0] != 0x30)
            return configuration_error(what + ": no certificate in it; PEM or DER is needed");
        auto certificate = parse_certificate(pem_or_der);
        if (!certificate) return configuration_error(what + ": " + certificate.error().message);
        certificates.push_back(std::move(*certificate));
        return Chain::from_certificates(std::move(certificates));
    }

    while (at != std::string_view::npos) {
        if (certificates.size() == kMaxCertificates)
            return configuration_error(what + ": more than 1000 certificates");
        const std::size_t number = certificates.size() + 1;
        const std::size_t end = text.find(kEnd, at);
        const std::size_t line_end =
            end == std::string_view::npos ? end : text.find("-----", end + 5);
        if (line_end == std::string_view::npos)
            return configuration_error(place(what, number) + "the PEM block has no end");
        const gnutls_datum_t block = datum_of(as_bytes(text.substr(at, line_end + 5 - at)));
        GnutlsDatum der;
        if (gnutls_pem_base64_decode2(nullptr, &block, der.out()) < 0)
            return configuration_error(place(what, number) + "the PEM block is not base64");
        auto certificate = parse_certificate(der.view());
        if (!certificate)
            return configuration_error(place(what, number) + certificate.error().message);
        certificates.push_back(std::move(*certificate));
        at = find_block(text, line_end);
    }
    return Chain::from_certificates(std::move(certificates));
}

}  // namespace postern::tls
