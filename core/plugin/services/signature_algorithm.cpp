#include "core/plugin/services/signature_algorithm.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "postern/service/crypto.h"

namespace postern::plugin {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kNull = 0x05;
constexpr std::uint8_t kOid = 0x06;
constexpr std::uint8_t kSequence = 0x30;

struct Element {
    std::uint8_t tag = 0;
    ByteView content;
};

// Takes the next element off the front; definite lengths below 64 KiB in their shortest form.
std::optional<Element> take(ByteView& from) {
    if (from.size() < 2) return std::nullopt;
    std::size_t length = from[1];
    std::size_t header = 2;
    if (length >= 0x80) {
        const std::size_t octets = length & 0x7f;
        if (octets == 0 || octets > 2 || from.size() < 2 + octets || from[2] == 0) {
            return std::nullopt;
        }
        length = octets == 1 ? from[2] : static_cast<std::size_t>(from[2] << 8 | from[3]);
        if (length < 0x80) return std::nullopt;
        header += octets;
    }
    if (from.size() - header < length) return std::nullopt;
    const Element element{from[0], from.subspan(header, length)};
    from = from.subspan(header + length);
    return element;
}

bool is(ByteView content, std::initializer_list<std::uint8_t> octets) {
    return std::equal(content.begin(), content.end(), octets.begin(), octets.end());
}

struct Identifier {
    ByteView oid;
    std::optional<Element> parameters;
};

std::optional<Identifier> identifier_of(ByteView content) {
    const auto oid = take(content);
    if (!oid || oid->tag != kOid || oid->content.empty()) return std::nullopt;
    Identifier identifier{oid->content, std::nullopt};
    if (content.empty()) return identifier;
    identifier.parameters = take(content);
    if (!identifier.parameters || !content.empty()) return std::nullopt;
    return identifier;
}

std::optional<Identifier> whole_identifier(ByteView der) {
    const auto sequence = take(der);
    if (!sequence || sequence->tag != kSequence || !der.empty()) return std::nullopt;
    return identifier_of(sequence->content);
}

bool null_or_absent(const Identifier& identifier) {
    return !identifier.parameters ||
           (identifier.parameters->tag == kNull && identifier.parameters->content.empty());
}

constexpr ParsedAlgorithm kMalformed{AlgorithmFault::malformed, {}};
constexpr ParsedAlgorithm kUnknown{AlgorithmFault::unknown, {}};
constexpr ParsedAlgorithm kWeak{AlgorithmFault::weak, {}};

// 2.16.840.1.101.3.4.2.x and 1.3.14.3.2.26
std::uint32_t digest_of(const Identifier& identifier) {
    if (!null_or_absent(identifier)) return 0;
    const ByteView oid = identifier.oid;
    if (is(oid, {0x2b, 0x0e, 0x03, 0x02, 0x1a})) return POSTERN_DIGEST_SHA1;
    if (oid.size() != 9 || !is(oid.first(8), {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02})) {
        return 0;
    }
    switch (oid[8]) {
        case 1:
            return POSTERN_DIGEST_SHA256;
        case 2:
            return POSTERN_DIGEST_SHA384;
        case 3:
            return POSTERN_DIGEST_SHA512;
        case 4:
            return POSTERN_DIGEST_SHA224;
        default:
            return 0;
    }
}

std::uint8_t digest_length(std::uint32_t digest) {
    switch (digest) {
        case POSTERN_DIGEST_SHA224:
            return 28;
        case POSTERN_DIGEST_SHA256:
            return 32;
        case POSTERN_DIGEST_SHA384:
            return 48;
        default:
            return 64;
    }
}

// RSASSA-PSS-params: [0] hash, [1] mask generation, [2] salt length, [3] trailer; all EXPLICIT.
ParsedAlgorithm parse_pss(const Identifier& identifier) {
    if (!identifier.parameters || identifier.parameters->tag != kSequence) return kMalformed;
    ByteView rest = identifier.parameters->content;
    std::array<std::optional<ByteView>, 4> fields;
    for (int last = -1; !rest.empty();) {
        const auto field = take(rest);
        if (!field || field->tag < 0xa0 || field->tag > 0xa3 || field->tag - 0xa0 <= last) {
            return kMalformed;
        }
        last = field->tag - 0xa0;
        fields[static_cast<std::size_t>(last)] = field->content;
    }
    if (!fields[0]) return kWeak;  // DEFAULT sha1
    const auto hash = whole_identifier(*fields[0]);
    if (!hash) return kMalformed;
    const std::uint32_t digest = digest_of(*hash);
    if (digest == 0) return kUnknown;
    if (digest == POSTERN_DIGEST_SHA1) return kWeak;

    if (!fields[1]) return kWeak;  // DEFAULT mgf1SHA1
    const auto mask = whole_identifier(*fields[1]);
    if (!mask || !mask->parameters || mask->parameters->tag != kSequence) return kMalformed;
    // id-mgf1, 1.2.840.113549.1.1.8
    if (!is(mask->oid, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08})) return kUnknown;
    const auto mask_hash = identifier_of(mask->parameters->content);
    if (!mask_hash) return kMalformed;
    if (digest_of(*mask_hash) != digest) return kUnknown;

    if (!fields[2]) return kUnknown;  // DEFAULT 20
    ByteView salt = *fields[2];
    const auto length = take(salt);
    if (!length || length->tag != kInteger || !salt.empty()) return kMalformed;
    if (!is(length->content, {digest_length(digest)})) return kUnknown;
    if (fields[3] && !is(*fields[3], {kInteger, 1, 1})) return kMalformed;
    return {AlgorithmFault::none, {SignatureKind::rsa_pss, digest}};
}

// 1.2.840.113549.1.1.x
ParsedAlgorithm parse_rsa(const Identifier& identifier) {
    const std::uint8_t last = identifier.oid.back();
    if (last == 10) return parse_pss(identifier);
    std::uint32_t digest = 0;
    if (last == 11) digest = POSTERN_DIGEST_SHA256;
    if (last == 12) digest = POSTERN_DIGEST_SHA384;
    if (last == 13) digest = POSTERN_DIGEST_SHA512;
    if (last == 14) digest = POSTERN_DIGEST_SHA224;
    if (last >= 2 && last <= 5) return kWeak;  // MD2, MD4, MD5, SHA-1
    if (digest == 0) return kUnknown;
    if (!null_or_absent(identifier)) return kMalformed;
    return {AlgorithmFault::none, {SignatureKind::rsa_pkcs1, digest}};
}

}  // namespace

ParsedAlgorithm parse_signature_algorithm(ByteView der) {
    const auto identifier = whole_identifier(der);
    if (!identifier) return kMalformed;
    const ByteView oid = identifier->oid;
    if (oid.size() == 9 && is(oid.first(8), {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01})) {
        return parse_rsa(*identifier);
    }
    // RFC 5758 3.2 and RFC 8410 3: the parameters are absent.
    const bool bare = !identifier->parameters;
    if (is(oid, {0x2b, 0x65, 0x70})) {
        return bare ? ParsedAlgorithm{AlgorithmFault::none, {SignatureKind::ed25519, 0}}
                    : kMalformed;
    }
    if (is(oid, {0x2b, 0x65, 0x71})) {
        return bare ? ParsedAlgorithm{AlgorithmFault::none, {SignatureKind::ed448, 0}} : kMalformed;
    }
    if (is(oid, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01})) return kWeak;  // ecdsa-with-SHA1
    if (oid.size() == 8 && is(oid.first(7), {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03}) &&
        oid[7] >= 1 && oid[7] <= 4) {
        constexpr std::array<std::uint32_t, 4> kDigests{
            POSTERN_DIGEST_SHA224, POSTERN_DIGEST_SHA256, POSTERN_DIGEST_SHA384,
            POSTERN_DIGEST_SHA512};
        if (!bare) return kMalformed;
        return {AlgorithmFault::none, {SignatureKind::ecdsa, kDigests[oid[7] - 1u]}};
    }
    return kUnknown;
}

}  // namespace postern::plugin
