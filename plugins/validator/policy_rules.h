#pragma once

#include "finding.h"
#include "settings.h"

namespace postern::validator {

// One of required_policies stands in the leaf and, itself or as anyPolicy, in every intermediate
// certificate. Sound without RFC 5280's policy tree, since chains with policyMappings,
// policyConstraints or inhibitAnyPolicy are refused before.
[[nodiscard]] Finding check_policies(const Settings& settings, sdk::Chain chain,
                                     std::size_t without_anchor);

}  // namespace postern::validator
