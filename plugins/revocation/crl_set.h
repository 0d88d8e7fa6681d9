// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "crl.h"

namespace postern::revocation {

// The CRLs in force, by issuer. Immutable. [any]
class CrlSet {
public:
    // CRLs of one key and scope, the newest first: an older one counts only while those before it
    // cannot be used.
    using Line = std::vector<CrlRef>;

    explicit CrlSet(std::vector<CrlRef> crls);

    // All lines of an issuer, by its DER Name, octet for octet.
    const std::vector<Line>& of_issuer(Bytes name) const;
    const std::vector<CrlRef>& all() const noexcept { return all_; }

private:
    std::vector<CrlRef> all_;
    std::map<std::string, std::vector<Line>, std::less<>> by_issuer_;
};

}  // namespace postern::revocation
