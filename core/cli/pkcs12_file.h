#pragma once

#include <span>
#include <string>

#include "core/base/result.h"
#include "core/cli/certificate_file.h"
#include "core/cli/secret.h"

namespace postern::cli {

[[nodiscard]] bool is_pkcs12(ByteView der);

// Tries no and the empty password before it asks for one.
[[nodiscard]] Result<CertificateFile> parse_pkcs12(ByteView der, const std::string& path,
                                                   const PasswordSource& password);

// DER with the key encrypted (PBES2, AES-256) and all of it under a MAC. The certificates, which
// are public, stay in clear: GnuTLS runs 600,000 iterations for each part and has no knob, so this
// saves a third of the time to open the file.
[[nodiscard]] Result<Secret> encode_pkcs12(gnutls_x509_privkey_t key,
                                           std::span<const gnutls_x509_crt_t> chain,
                                           const std::string& friendly_name,
                                           const Secret& password);

}  // namespace postern::cli
