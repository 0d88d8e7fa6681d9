#pragma once

#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::cli {

// Serials are big-endian, positive and minimal: no leading zero byte but the one that keeps the
// number positive, at most 20 bytes (RFC 5280 section 4.1.2.2).
[[nodiscard]] Result<Bytes> random_serial();
// Hexadecimal, colons allowed: the value of --serial.
[[nodiscard]] Result<Bytes> parse_serial(const std::string& flag, const std::string& text);
// "00ab12" and "ab12" are the same number.
[[nodiscard]] std::string serial_text(ByteView serial);

}  // namespace postern::cli
