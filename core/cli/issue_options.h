#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cli/authority.h"
#include "core/cli/issuance.h"
#include "core/cli/subject_names.h"
#include "core/cli/validity.h"

namespace CLI {
class App;
}

namespace postern::cli {

// The flags that every command making a certificate shares, as they were typed.
struct IssueOptions {
    std::string name;
    ValidityOptions validity;
    std::string serial;
    std::string key_type = "ecdsa-p256";
    std::string key;
    std::string group;
    std::string password_file;
    std::string out;
    bool force = false;

    void add_to(CLI::App& command);
    // `base` without extension: BASE.crt and BASE.key.
    [[nodiscard]] Result<IssueTarget> target(const std::string& base) const;
    [[nodiscard]] Result<Bytes> serial_number() const;
};

// Those that only end entities have.
struct LeafOptions {
    NameOptions names;
    std::string purpose;
    std::vector<std::string> crl_uris;
    std::vector<std::string> ocsp_uris;

    void add_to(CLI::App& command);
};

// Checks all of it. `lifetime` and `latest_end` as for resolve_validity.
[[nodiscard]] Result<CertificateSpec> leaf_spec(const IssueOptions& options,
                                                const LeafOptions& leaf, std::int64_t lifetime,
                                                std::optional<std::int64_t> latest_end);

// "wrote a.crt and a.key: CN=…, serial …, valid until …"
void print_issued(const CertificateSpec& spec, const IssueTarget& target,
                  gnutls_x509_crt_t certificate);

}  // namespace postern::cli
