#pragma once

#include <functional>
#include <string>

#include "core/config/configuration.h"

namespace postern::config {

// What a listener's TLS policy resolves to with the TLS library at hand: lines of text, shown as
// comments below the listener's policy.
using PolicyText = std::function<std::string(const Listener&)>;

// The configuration in effect as TOML, every default spelt out and every path absolute; loading it
// gives the same configuration again. A plugin's own table is printed as it was written.
[[nodiscard]] std::string print(const Configuration& configuration, const PolicyText& policy_text);

}  // namespace postern::config
