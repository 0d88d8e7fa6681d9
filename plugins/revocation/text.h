// SPDX-License-Identifier: Apache-2.0
//
// Values of a CRL as people read them in log lines and details.
#pragma once

#include <cstdint>
#include <string>

#include "input.h"

namespace postern::revocation {

// RFC 3339, UTC.
std::string time_text(std::int64_t seconds_since_epoch);

// RFC 5280's names: "keyCompromise".
const char* reason_text(std::uint32_t crl_reason) noexcept;

// A DER Name in the manner of RFC 4514, the most specific part first; what is none is shown in
// hex. Control characters are the host's to escape.
std::string name_text(Bytes name);

}  // namespace postern::revocation
