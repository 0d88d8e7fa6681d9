// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace postern::revocation {

// A file that is no CRL, or one that this version must not use. Caught where files are loaded, so
// that one bad file is one line in the log.
class Malformed : public std::runtime_error {
public:
    explicit Malformed(const std::string& what) : std::runtime_error(what) {}

    // `offset` counts the bytes of the DER encoding; in a PEM file, after decoding.
    static Malformed at(std::uint64_t offset, const std::string& what) {
        return Malformed("byte " + std::to_string(offset) + ": " + what);
    }
};

}  // namespace postern::revocation
