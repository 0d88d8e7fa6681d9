#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/tls/gnutls_handle.h"

namespace postern::bench {

// `count` client certificates directly under the CA, each with an ECDSA P-256 key of its own, made
// in memory: thousands that no server has seen before take a second. With `count` 0 there is one
// entry, without a certificate.
[[nodiscard]] Result<std::vector<tls::CredentialsOwner>> issue_identities(
    std::size_t count, const std::string& ca_certificate, const std::string& ca_key);

}  // namespace postern::bench
