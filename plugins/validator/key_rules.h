#pragma once

#include "finding.h"
#include "settings.h"

namespace postern::validator {

// Type and size of the certificate's own key.
[[nodiscard]] Finding check_key(const Settings& settings, const Examined& examined);

// The algorithm its issuer signed it with.
[[nodiscard]] Finding check_signature(const Settings& settings, const Examined& examined);

}  // namespace postern::validator
