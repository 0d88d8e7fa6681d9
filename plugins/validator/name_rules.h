#pragma once

#include <string>
#include <string_view>

#include "finding.h"
#include "settings.h"

namespace postern::validator {

// The names a leaf carries: that there are some, and that each is one.
[[nodiscard]] Finding check_names(const Settings& settings, const Examined& leaf, Side side);

// That a server's leaf is for the name it was reached by: a DNS name, an IP address or, for servers
// without either, a URI. Only subject alternative names count, never the common name (RFC 9525 2).
[[nodiscard]] Finding check_expected_name(const Examined& leaf, std::string_view expected);

}  // namespace postern::validator
