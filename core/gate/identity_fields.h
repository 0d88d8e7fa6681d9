#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/net/http_message.h"
#include "core/tls/verify.h"

namespace postern::gate {

// Servers take heads of 8 to 16 KiB.
inline constexpr std::size_t kMaxIdentityField = 6 * 1024;
inline constexpr std::size_t kMaxIdentityFields = 12 * 1024;  // all of a request's together

// Adds what `route` has its upstream told of the client's certificate; nothing for a client without
// one (null or empty `chain`). Client-Cert and Client-Cert-Chain are RFC 9440's, the chain without
// its anchor and only if it fits; the X-Client- fields are text in which "%" and all but printable
// ASCII is percent-encoded. The error: the certificate does not fit into a field, or all into the
// bound.
[[nodiscard]] Result<void> add_identity_fields(const config::Route& route,
                                               const tls::ChainRef& chain,
                                               const tls::Identity& identity,
                                               net::HttpHeaders& fields);

// "URI:spiffe://example/a, DNS:a.example, email:a@example, IP:192.0.2.1"; in a name "," and " " are
// percent-encoded too.
[[nodiscard]] std::string names_text(const tls::Certificate& certificate);

}  // namespace postern::gate
