// SPDX-License-Identifier: Apache-2.0
//
// The extensions of a CRL and of its entries (RFC 5280, 5.2 and 5.3). "If a CRL contains a
// critical extension that the application cannot process, then the application MUST NOT use that
// CRL to determine the status of certificates": these throw Malformed.
#pragma once

#include <cstdint>

#include "crl_reader.h"
#include "der_reader.h"

namespace postern::revocation {

// Takes the next element, Extensions, and fills authority_key_id, number and scope.
void read_crl_extensions(DerReader& reader, CrlFacts& facts);

// Takes the next element, Extensions, of an entry; answers its CRLReason, 0 where none is given.
std::uint8_t read_entry_extensions(DerReader& reader);

}  // namespace postern::revocation
