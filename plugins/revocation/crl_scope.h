// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "der_reader.h"

namespace postern::revocation {

enum class Holders : std::uint8_t { Any, EndEntities, Authorities };

// Which certificates a CRL speaks of: what its issuingDistributionPoint (RFC 5280, 5.2.5) leaves.
// Absence from the CRL says something about these only.
struct CrlScope {
    Holders holders = Holders::Any;
    // URIs of the shard; empty: all certificates of the issuer.
    std::vector<std::string> distribution_points;

    friend bool operator==(const CrlScope&, const CrlScope&) = default;
};

// Reads the extension's value. Throws Malformed also for the kinds that are not served: indirect
// CRLs, CRLs for some reasons or attribute certificates only, points that are not named by URI.
CrlScope read_issuing_distribution_point(DerReader& value);

}  // namespace postern::revocation
