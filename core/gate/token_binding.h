#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::gate {

inline constexpr std::size_t kMaxToken = 16 * 1024;

// RFC 8705 section 3: the token of an Authorization field's value is a JWT whose cnf["x5t#S256"] is
// the SHA-256 of the client's certificate (null: there is none). The JWT's signature is not looked
// at: without it the binding proves nothing, and the upstream, which knows the keys, checks it.
// The error is for the log.
[[nodiscard]] Result<void> check_token_binding(std::string_view authorization,
                                               const Digest256* certificate);

}  // namespace postern::gate
