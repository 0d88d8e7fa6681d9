#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::plugin {

enum class SignatureKind : std::uint8_t { rsa_pkcs1, rsa_pss, ecdsa, ed25519, ed448 };

struct SignatureAlgorithm {
    SignatureKind kind = SignatureKind::rsa_pkcs1;
    std::uint32_t digest = 0;  // POSTERN_DIGEST_*; 0 for Ed25519 and Ed448
};

enum class AlgorithmFault : std::uint8_t { none, malformed, unknown, weak };

struct ParsedAlgorithm {
    AlgorithmFault fault = AlgorithmFault::none;
    SignatureAlgorithm algorithm;
};

// Reads a DER AlgorithmIdentifier strictly: one SEQUENCE, nothing behind it, parameters as the
// algorithm's RFC has them. PSS is taken with one digest throughout and a salt of its length
// (RFC 4055 3.1 recommends both); its default, SHA-1, is weak.
[[nodiscard]] ParsedAlgorithm parse_signature_algorithm(ByteView der);

}  // namespace postern::plugin
