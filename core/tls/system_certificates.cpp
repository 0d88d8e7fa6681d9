#include "core/tls/system_certificates.h"

#include "core/base/log.h"
#include "core/tls/gnutls_handle.h"

namespace postern::tls {
namespace {

// One is taken out of the list, as a copy that is ours; an Error says what is wrong with it.
Result<Certificate> read(gnutls_x509_crt_t handle) {
    const CertificateOwner owner(handle);
    GnutlsDatum der;
    if (gnutls_x509_crt_export2(handle, GNUTLS_X509_FMT_DER, der.out()) < 0)
        return internal_error("out of memory");
    return parse_certificate(der.view());
}

}  // namespace

Result<std::vector<Certificate>> system_certificates() {
    gnutls_x509_trust_list_t handle = nullptr;
    if (gnutls_x509_trust_list_init(&handle, 0) < 0) return internal_error("out of memory");
    const TrustListOwner list(handle);
    const int count = gnutls_x509_trust_list_add_system_trust(handle, 0, 0);
    if (count < 0)
        return configuration_error(
            std::string("the system's store of authorities cannot be read (") +
            gnutls_strerror(count) + "); name the files in trusted_ca");

    std::vector<Certificate> certificates;
    gnutls_x509_trust_list_iter_t position = nullptr;
    gnutls_x509_crt_t next = nullptr;
    while (gnutls_x509_trust_list_iter_get_ca(handle, &position, &next) >= 0) {
        auto certificate = read(next);
        if (certificate) {
            certificates.push_back(std::move(*certificate));
        } else {
            log::write(LogLevel::notice, "tls", "an authority of the system's store is left out",
                       {{"detail", certificate.error().message}});
        }
    }
    if (certificates.empty())
        return configuration_error(
            "the system's store of authorities is empty; install ca-certificates, or name the "
            "files in trusted_ca");
    return certificates;
}

}  // namespace postern::tls
