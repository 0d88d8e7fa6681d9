#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "postern/plugin.hpp"

namespace postern::pinning {

enum class Subject : std::uint8_t { key, certificate };  // whose digest it is

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct Pin {
    Subject subject = Subject::key;
    std::uint32_t algorithm = POSTERN_DIGEST_SHA256;  // or SHA384, SHA512
    std::vector<std::uint8_t> digest;
    std::int64_t expires = kNever;  // seconds since the epoch: from then on it is not held
    std::string name;               // whose alone it is; empty: whoever shows the key

    [[nodiscard]] bool expired(std::int64_t now) const { return now >= expires; }
};

// A pin as people write it, in files and in the configuration:
//
//   sha256/<base64>  [expires=2027-01-31T00:00:00Z]  [for=dns:a.example]
//
// The digest of a SubjectPublicKeyInfo, as curl, OkHttp and RFC 7469 made usual; "cert-sha256/" is
// that of a whole certificate; SHA-384 and SHA-512 likewise. Base64 is the standard one, padded,
// without stray bits. In a name "%", "#", blanks and what is no printable ASCII are
// percent-encoded. Throws sdk::Error with what is wrong and what would be right. `postern pin` has
// a twin of this.
[[nodiscard]] Pin parse_pin(std::string_view text);

// The one spelling of it, without what is not set.
[[nodiscard]] std::string pin_text(const Pin& pin);

// "2027-01-31T00:00:00Z"
[[nodiscard]] std::string time_text(std::int64_t seconds_since_epoch);

}  // namespace postern::pinning
