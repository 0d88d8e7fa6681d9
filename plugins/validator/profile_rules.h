#pragma once

#include "finding.h"
#include "settings.h"

namespace postern::validator {

// RFC 5280's profile where GnuTLS does not insist on it. For every certificate but the anchor:
// version, serial number, extensions.
[[nodiscard]] Finding check_form(const Examined& examined);

// What only the leaf must be: no CA, for this purpose, able to sign a handshake, not too
// long-lived.
[[nodiscard]] Finding check_leaf_profile(const Settings& settings, const Examined& leaf, Side side);

// What only an intermediate must be: a CA that says so and may sign certificates.
// Valid also by a clock that is clock_skew behind or ahead.
[[nodiscard]] Finding check_skew(const Settings& settings, const Examined& examined,
                                 std::int64_t now);
[[nodiscard]] Finding check_intermediate_profile(const Examined& intermediate);

}  // namespace postern::validator
