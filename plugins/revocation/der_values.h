// SPDX-License-Identifier: Apache-2.0
//
// The few types of values that a CRL is made of. All throw Malformed.
#pragma once

#include <cstdint>
#include <string_view>

#include "der_reader.h"

namespace postern::revocation {

// UTCTime or GeneralizedTime in the one form of RFC 5280, 4.1.2.5: to the second, in Zulu time.
// Seconds since the epoch.
std::int64_t read_time(DerReader& reader, const char* what);

// INTEGER's content octets, at least one and in the fewest. Negative ones are kept: some
// authorities have issued them.
Bytes read_integer(DerReader& reader, const char* what);

bool read_boolean(Bytes content, std::uint64_t offset, const char* what);

// X.509's Extension: what is common to those of the CRL and those of an entry.
struct Extension {
    Bytes id;  // OBJECT IDENTIFIER's content octets
    bool critical;
    Bytes value;
    std::uint64_t offset;  // of the value
};
Extension read_extension(DerReader& extensions);

// The OBJECT IDENTIFIER 2.5.29.`last`, whose content octets are 55 1d `last`.
bool is_certificate_extension(Bytes id, std::uint8_t last) noexcept;

}  // namespace postern::revocation
