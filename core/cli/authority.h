#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cli/certificate_builder.h"
#include "core/cli/password.h"
#include "core/tls/gnutls_handle.h"

namespace CLI {
class App;
}

namespace postern::cli {

// The values of --ca, --ca-cert, --ca-key and --ca-password-file.
struct AuthorityOptions {
    std::string directory;
    std::string certificate;
    std::string key;
    std::string password_file;

    void add_to(CLI::App& command);
};

// A CA that can sign. Its directory holds ca.crt, ca.key, for an intermediate chain.crt (itself and
// those above it but the root: what stands behind a leaf it signs), and once something was revoked
// or a CRL issued ca.revoked.json and ca.crl.pem.
struct Authority {
    std::string certificate_path;
    tls::CertificateOwner certificate;
    tls::PrivateKeyOwner key;
    std::string chain_pem;  // empty for a root

    [[nodiscard]] Signer signer() const { return {certificate.get(), key.get()}; }
    [[nodiscard]] std::int64_t not_after() const;
    [[nodiscard]] std::string state_path() const;  // ca.revoked.json
    [[nodiscard]] std::string crl_path() const;    // ca.crl.pem
};

// The certificate is a CA's and the key is its key, or an error.
[[nodiscard]] Result<Authority> open_authority(const AuthorityOptions& options);

[[nodiscard]] bool is_self_issued(gnutls_x509_crt_t certificate);

}  // namespace postern::cli
