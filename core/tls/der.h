#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"

namespace postern::tls {

struct DerElement {
    std::uint8_t tag = 0;
    ByteView content;
    ByteView whole;  // with tag and length
};

// Walks over the elements of a DER encoding: single-byte tags, definite lengths in their shortest
// form, nothing that runs past the end. It reads what GnuTLS has no call for (the raw
// SubjectPublicKeyInfo, GeneralNames of any kind) and counts entries before GnuTLS, whose readers
// of lists are quadratic, sees them.
class DerReader {
public:
    explicit DerReader(ByteView bytes) : rest_(bytes) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::optional<DerElement> next();
    // The next one if it has this tag; else nothing is consumed.
    [[nodiscard]] std::optional<DerElement> next(std::uint8_t tag);

private:
    ByteView rest_;
};

inline constexpr std::uint8_t kDerBoolean = 0x01;
inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerBitString = 0x03;
inline constexpr std::uint8_t kDerOctetString = 0x04;
inline constexpr std::uint8_t kDerOid = 0x06;
inline constexpr std::uint8_t kDerSequence = 0x30;
[[nodiscard]] constexpr std::uint8_t der_context(unsigned number) {
    return static_cast<std::uint8_t>(0x80U | number);
}
[[nodiscard]] constexpr std::uint8_t der_context_constructed(unsigned number) {
    return static_cast<std::uint8_t>(0xa0U | number);
}

// The one element that fills `bytes`; nothing if it does not, or has another tag.
[[nodiscard]] std::optional<DerElement> der_single(ByteView bytes, std::uint8_t tag);
// How many elements `content` holds; nothing if it is malformed or holds more than `limit`.
[[nodiscard]] std::optional<std::size_t> der_count(ByteView content, std::size_t limit);
// "1.2.840.113549.1.1.11" of an OID's content octets; empty if malformed.
[[nodiscard]] std::string der_oid_text(ByteView content);

}  // namespace postern::tls
