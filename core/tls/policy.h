#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/tls/gnutls_handle.h"

namespace postern::tls {

// GnuTLS's priority string for a named policy, as far as the run-time library supports it. Policies
// are dated and never changed: a new judgement gets a new name.
[[nodiscard]] Result<std::string> policy_priority(std::string_view name);

[[nodiscard]] Result<PriorityOwner> open_policy(const std::string& name);

// One of the suites that policies name; 0 for any other.
[[nodiscard]] std::uint16_t cipher_number(std::string_view iana_name);

}  // namespace postern::tls
