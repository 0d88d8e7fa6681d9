#pragma once

#include <string>

#include "core/tls/client_hello.h"

namespace postern::tls {

// RFC 8701: 0x0a0a, 0x1a1a, … 0xfafa, which clients send at random.
[[nodiscard]] constexpr bool is_grease(std::uint16_t value) {
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

// FoxIO's JA4 fingerprint of a TLS client over TCP, from everything in the hello but `ja4`.
[[nodiscard]] std::string ja4_of(const ClientHello& hello);

}  // namespace postern::tls
