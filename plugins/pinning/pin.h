#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postern/plugin.hpp"

namespace postern::pinning {

// "sha256/<base64 of a SHA-256 digest>", the form that curl, OkHttp and RFC 7469 made usual: the
// digest of a SubjectPublicKeyInfo.
[[nodiscard]] std::string pin_text(sdk::Bytes digest);

// Only the one spelling that pin_text() gives: 44 characters of standard base64, padded, with no
// stray bits at the end.
[[nodiscard]] std::optional<sdk::Sha256> parse_pin(std::string_view text);

// What would be right, for errors.
inline constexpr std::string_view kPinForm =
    "\"sha256/\" and 44 characters of base64 (the SHA-256 of a SubjectPublicKeyInfo)";

}  // namespace postern::pinning
