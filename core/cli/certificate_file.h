#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cli/password.h"
#include "core/tls/gnutls_handle.h"

namespace postern::cli {

enum class FileFormat { pem, der, pkcs12 };

// What a file of certificates holds, whichever way it is written.
struct CertificateFile {
    FileFormat format = FileFormat::pem;
    std::vector<tls::CertificateOwner> certificates;  // as in the file; of PKCS#12 the leaf first
    std::vector<tls::CrlOwner> crls;
    tls::PrivateKeyOwner key;  // of PKCS#12, or of a PEM or DER private key; may be null
};

enum class Keys { skip, if_alone, read };  // if_alone: only where there is nothing else

// PEM (several, mixed), DER or PKCS#12. `password` opens PKCS#12 and, where keys are read, an
// encrypted private key. An error when there is nothing of use in it.
[[nodiscard]] Result<CertificateFile> read_certificate_file(const std::string& path,
                                                            const PasswordSource& password,
                                                            Keys keys);

// At least one certificate, in PEM or DER.
[[nodiscard]] Result<std::vector<tls::CertificateOwner>> read_certificates(const std::string& path);

}  // namespace postern::cli
