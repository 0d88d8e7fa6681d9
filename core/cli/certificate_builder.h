#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/cli/subject_names.h"
#include "core/cli/validity.h"
#include "core/tls/gnutls_handle.h"

namespace postern::cli {

enum class Purpose { server, client, both };

// What a certificate says. Everything in it has been checked by those who fill it in.
struct CertificateSpec {
    std::string common_name;
    SubjectNames names;
    Validity validity;
    Bytes serial;                    // empty: a random one
    std::optional<Purpose> purpose;  // extendedKeyUsage; a CA has none
    bool authority = false;
    std::optional<int> path_length;  // only with authority
    std::vector<std::string> crl_uris;
    std::vector<std::string> ocsp_uris;
};

// Who signs. The handles live as long as the call.
struct Signer {
    gnutls_x509_crt_t certificate;  // null: the certificate signs itself
    gnutls_x509_privkey_t key;
};

// An RFC 5280 version 3 certificate for the public half of `subject_key`.
[[nodiscard]] Result<tls::CertificateOwner> build_certificate(const CertificateSpec& spec,
                                                              gnutls_x509_privkey_t subject_key,
                                                              const Signer& signer);

[[nodiscard]] Result<Purpose> parse_purpose(const std::string& text);
[[nodiscard]] Result<std::string> encode_pem(gnutls_x509_crt_t certificate);

}  // namespace postern::cli
