#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace postern {

// "HOST[:PORT]", as it stands in Host and in an origin, in the one form that is compared: what is
// configured and what a request says go through the same reading.
struct Authority {
    std::string host;        // lower case, without brackets and without the root's final dot
    std::uint16_t port = 0;  // 0: none is named

    [[nodiscard]] std::string text() const;  // IPv6 in brackets
    bool operator==(const Authority&) const = default;
};
// The error begins "is not" or "has".
[[nodiscard]] Result<Authority> parse_authority(std::string_view text);

// "SCHEME://HOST[:PORT]" (RFC 6454). The scheme's usual port counts as none, as browsers leave it
// out.
struct Origin {
    std::string scheme;  // lower case
    Authority authority;

    [[nodiscard]] std::string text() const { return scheme + "://" + authority.text(); }
    bool operator==(const Origin&) const = default;
};
[[nodiscard]] Result<Origin> parse_origin(std::string_view text);

}  // namespace postern
