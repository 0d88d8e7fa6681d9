#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/cli/authority.h"
#include "core/cli/certificate_builder.h"
#include "core/cli/private_key.h"

namespace postern::cli {

enum class Force : bool { no = false, yes = true };

// Where a certificate and its key go and how the key is had.
struct IssueTarget {
    std::string certificate_path;
    std::string key_path;      // written, unless existing_key is given
    std::string existing_key;  // --key: certify this one, write none
    KeyType key_type = KeyType::ecdsa_p256;
    std::string group;
    std::string password_file;  // encrypts the new key, or opens the existing one
    Force force = Force::no;    // replaces the certificate, never a key
};

// Makes the certificate and writes both files. Null `authority`: it signs itself.
// What stands behind the certificate in its file is the authority's chain.
[[nodiscard]] Result<tls::CertificateOwner> issue(const CertificateSpec& spec,
                                                  const IssueTarget& target,
                                                  const Authority* authority);

// Records the number, then writes the CRL over the old one, if any. Times in seconds since the
// epoch. Returns the CRL's number.
[[nodiscard]] Result<std::uint64_t> issue_crl(const Authority& authority, const std::string& path,
                                              Encoding encoding, std::int64_t this_update,
                                              std::int64_t next_update);

}  // namespace postern::cli
