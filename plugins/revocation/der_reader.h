// SPDX-License-Identifier: Apache-2.0
//
// Strict DER (X.690, 10.1): tags of one octet, definite lengths in the fewest octets. Both readers
// throw Malformed, check every length against what encloses it, and never recurse.
#pragma once

#include <cstddef>
#include <cstdint>

#include "input.h"

namespace postern::revocation {

namespace tag {
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
inline constexpr std::uint8_t kEnumerated = 0x0a;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
// [n] IMPLICIT of a primitive type, and [n] of anything constructed.
constexpr std::uint8_t context(unsigned n) {
    return static_cast<std::uint8_t>(0x80u | n);
}
constexpr std::uint8_t context_constructed(unsigned n) {
    return static_cast<std::uint8_t>(0xa0u | n);
}
}  // namespace tag

// Over bytes in memory, one level of them. `what` names the element in an error.
class DerReader {
public:
    // `offset` is where `content` stands in the CRL, for errors.
    DerReader(Bytes content, std::uint64_t offset) noexcept : rest_(content), offset_(offset) {}

    bool at_end() const noexcept { return rest_.empty(); }
    bool next_is(std::uint8_t tag) const noexcept { return !rest_.empty() && rest_[0] == tag; }
    std::uint8_t next_tag() const noexcept { return rest_.empty() ? std::uint8_t{0} : rest_[0]; }
    std::uint64_t offset() const noexcept { return offset_; }

    // The content of the next element, which must have this tag.
    Bytes content(std::uint8_t tag, const char* what);
    // The same with its header.
    Bytes element(std::uint8_t tag, const char* what);
    DerReader enter(std::uint8_t tag, const char* what);
    // Nothing may follow.
    void finish(const char* what) const;

private:
    struct Next {
        Bytes element;
        std::size_t header_size;
        std::uint64_t offset;
    };
    Next next(std::uint8_t tag, const char* what);

    Bytes rest_;
    std::uint64_t offset_;
};

// Over an Input. An end is the offset at which the enclosing element ends.
class DerStream {
public:
    static constexpr std::uint64_t kNoEnd = ~std::uint64_t{0};

    explicit DerStream(Input& input) noexcept : input_(input) {}

    std::uint64_t offset() const noexcept { return input_.offset(); }
    bool next_is(std::uint8_t tag, std::uint64_t end);
    // Steps into the next element, of any size; returns its end.
    std::uint64_t enter(std::uint8_t tag, std::uint64_t end, const char* what);
    // The next element with its header, at most `most` bytes; valid until the next call.
    Bytes element(std::uint8_t tag, std::uint64_t end, std::size_t most, const char* what);

private:
    Input& input_;
};

}  // namespace postern::revocation
