#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace postern::tls {

inline constexpr std::size_t kMaxClientHello = 16 * 1024;      // of the handshake message
inline constexpr std::size_t kMaxClientHelloWire = 32 * 1024;  // with record headers: a hello in
                                                               // one-byte records is legal

// A ClientHello as the wire had it: unauthenticated, whatever it says. GREASE values are kept.
struct ClientHello {
    Bytes raw;        // the handshake message's body
    std::string sni;  // lower case; empty if none was sent
    std::string ja4;
    std::vector<std::string> alpn;
    std::vector<std::uint16_t> versions;  // supported_versions, or legacy_version alone
    std::vector<std::uint16_t> ciphers;
    std::vector<std::uint16_t> extensions;  // in wire order
    std::vector<std::uint16_t> groups;
    std::vector<std::uint16_t> signature_algorithms;
};

enum class HelloStatus { incomplete, complete, not_tls, malformed, too_large };

struct HelloResult {
    HelloStatus status = HelloStatus::incomplete;
    ClientHello hello;   // when complete
    std::string detail;  // when refused: what is wrong with it, for the log
};

// Reads the first handshake message out of what has arrived so far, from the first byte of the
// connection; nothing is consumed. Asked again with more while incomplete.
[[nodiscard]] HelloResult read_client_hello(ByteView wire);

// Of a whole handshake message's body, without its four-byte header: complete or malformed.
[[nodiscard]] HelloResult parse_client_hello(ByteView body);

}  // namespace postern::tls
