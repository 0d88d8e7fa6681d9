// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "input.h"

namespace postern::revocation {

// Decodes the "X509 CRL" blocks of a PEM file (RFC 7468), one after the other and piece by piece.
// Text outside of blocks is skipped; a block with another label is refused, since whoever put it
// there means it to do something. Throws Malformed with the line.
class PemReader {
public:
    explicit PemReader(Fill raw);

    // Steps to the next block; false when there is none. The block before must have been read to
    // its end.
    bool next_block();
    // Decoded bytes of the block; 0 at its end.
    std::size_t read(std::uint8_t* out, std::size_t room);

private:
    int next_character();
    std::string rest_of_line();
    void end_of_block();
    [[noreturn]] void refuse(const std::string& why) const;

    Fill raw_;
    std::vector<std::uint8_t> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t line_ = 1;
    bool in_block_ = false;
    std::uint32_t bits_ = 0;   // of an incomplete group of four characters
    unsigned characters_ = 0;  // in that group, padding included
    unsigned padding_ = 0;     // '=' in that group
    bool padded_ = false;      // the last group had padding: nothing may follow
};

}  // namespace postern::revocation
