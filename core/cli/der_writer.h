#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "core/base/bytes.h"

// The few DER values (X.690) that a CRL is made of: GnuTLS writes CRLs, but not the reasons of its
// entries. Each function returns a whole value: tag, length, content.
namespace postern::cli::der {

enum class Tag : std::uint8_t {
    integer = 0x02,
    bit_string = 0x03,
    octet_string = 0x04,
    null = 0x05,
    object_identifier = 0x06,
    enumerated = 0x0a,
    utc_time = 0x17,
    generalized_time = 0x18,
    sequence = 0x30,
    context_0_primitive = 0x80,
    context_0 = 0xa0,
};

[[nodiscard]] Bytes value(Tag tag, ByteView content);
[[nodiscard]] Bytes sequence(std::initializer_list<ByteView> parts);
[[nodiscard]] Bytes integer(std::uint64_t number);
[[nodiscard]] Bytes integer(ByteView big_endian);  // positive and minimal, as serial numbers are
[[nodiscard]] Bytes bit_string(ByteView whole_bytes);
[[nodiscard]] Bytes object_identifier(std::string_view dotted);  // of ours: well-formed
// RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime after.
[[nodiscard]] Bytes time(std::int64_t seconds_since_epoch);

}  // namespace postern::cli::der
