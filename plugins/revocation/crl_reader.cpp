// SPDX-License-Identifier: Apache-2.0
#include "crl_reader.h"

#include <optional>
#include <string>

#include "crl_extensions.h"
#include "der_reader.h"
#include "der_values.h"
#include "malformed.h"

namespace postern::revocation {
namespace {

constexpr std::size_t kMostAlgorithm = 1024;
constexpr std::size_t kMostName = std::size_t{16} * 1024;
constexpr std::size_t kMostEntry = std::size_t{16} * 1024;
constexpr std::size_t kMostExtensions = std::size_t{64} * 1024;
constexpr std::size_t kMostSignature = std::size_t{16} * 1024;

std::vector<std::uint8_t> take(DerStream& stream, std::uint64_t end, std::size_t most,
                               const char* what) {
    return stream.element(tag::kSequence, end, most, what).copy();
}

std::int64_t take_time(DerStream& stream, std::uint64_t end, const char* what) {
    constexpr std::size_t kMostTime = 32;
    const std::uint64_t offset = stream.offset();
    const bool utc = stream.next_is(tag::kUtcTime, end);
    const Bytes element =
        stream.element(utc ? tag::kUtcTime : tag::kGeneralizedTime, end, kMostTime, what);
    DerReader reader(element, offset);
    return read_time(reader, what);
}

bool has_time_next(DerStream& stream, std::uint64_t end) {
    return stream.next_is(tag::kUtcTime, end) || stream.next_is(tag::kGeneralizedTime, end);
}

// "version Version OPTIONAL, -- if present, MUST be v2"
enum class Version : bool { V1, V2 };

Version read_version(DerStream& stream, std::uint64_t end) {
    if (!stream.next_is(tag::kInteger, end)) return Version::V1;
    const std::uint64_t offset = stream.offset();
    const Bytes element = stream.element(tag::kInteger, end, 16, "version");
    if (element.size() != 3 || element[2] != 1) {
        throw Malformed::at(offset, "version: neither 1 nor 2");
    }
    return Version::V2;
}

void read_entry(Bytes element, std::uint64_t offset, Version version, RevokedSink& sink) {
    DerReader outer(element, offset);
    DerReader fields = outer.enter(tag::kSequence, "entry");
    RevokedSerial revoked{};
    revoked.wire_size = element.size();
    revoked.serial = read_integer(fields, "entry's serial number");
    if (revoked.serial.size() > kMostSerial) {
        throw Malformed::at(offset,
                            "entry's serial number: " + std::to_string(revoked.serial.size()) +
                                " octets, above " + std::to_string(kMostSerial));
    }
    revoked.revoked_at = read_time(fields, "entry's revocation date");
    if (!fields.at_end()) {
        if (version == Version::V1) {
            throw Malformed::at(fields.offset(), "entry: extensions in a CRL of version 1");
        }
        revoked.reason = read_entry_extensions(fields);
    }
    fields.finish("entry");
    sink.add(revoked);
}

std::uint64_t read_entries(DerStream& stream, std::uint64_t end, Version version,
                           RevokedSink& sink) {
    if (!stream.next_is(tag::kSequence, end)) return 0;
    const std::uint64_t list_end = stream.enter(tag::kSequence, end, "revokedCertificates");
    std::uint64_t count = 0;
    while (stream.offset() < list_end) {
        const std::uint64_t offset = stream.offset();
        const Bytes entry = stream.element(tag::kSequence, list_end, kMostEntry, "entry");
        read_entry(entry, offset, version, sink);
        ++count;
    }
    return count;
}

void read_extensions(DerStream& stream, std::uint64_t end, Version version, CrlFacts& facts) {
    constexpr std::uint8_t kTag = tag::context_constructed(0);
    if (!stream.next_is(kTag, end)) return;
    const std::uint64_t offset = stream.offset();
    if (version == Version::V1) {
        throw Malformed::at(offset, "crlExtensions: not allowed in a CRL of version 1");
    }
    DerReader outer(stream.element(kTag, end, kMostExtensions, "crlExtensions"), offset);
    DerReader tagged = outer.enter(kTag, "crlExtensions");
    read_crl_extensions(tagged, facts);
    tagged.finish("crlExtensions");
}

std::vector<std::uint8_t> read_signature(DerStream& stream, std::uint64_t end) {
    const std::uint64_t offset = stream.offset();
    DerReader outer(stream.element(tag::kBitString, end, kMostSignature, "signature"), offset);
    const Bytes bits = outer.content(tag::kBitString, "signature");
    if (bits.size() < 2 || bits[0] != 0) {
        throw Malformed::at(offset, "signature: empty, or not of whole octets");
    }
    return bits.from(1).copy();
}

}  // namespace

CrlFacts read_crl(Input& input, RevokedSink& sink) {
    CrlFacts facts;
    DerStream stream(input);
    const std::uint64_t start = stream.offset();
    const std::uint64_t end = stream.enter(tag::kSequence, DerStream::kNoEnd, "CertificateList");
    const std::uint64_t tbs_start = stream.offset();
    const std::uint64_t tbs_end = stream.enter(tag::kSequence, end, "tbsCertList");
    facts.tbs_offset = tbs_start - start;
    facts.tbs_size = tbs_end - tbs_start;
    facts.size = end - start;

    const Version version = read_version(stream, tbs_end);
    facts.signature_algorithm = take(stream, tbs_end, kMostAlgorithm, "signature algorithm");
    facts.issuer = take(stream, tbs_end, kMostName, "issuer");
    facts.this_update = take_time(stream, tbs_end, "thisUpdate");
    // RFC 5280, 5.1.2.5: "Conforming CRL issuers MUST include the nextUpdate field in all CRLs."
    // Without it nobody could say when the CRL is stale.
    if (!has_time_next(stream, tbs_end)) {
        throw Malformed::at(stream.offset(), "nextUpdate: missing, so its age cannot be judged");
    }
    facts.next_update = take_time(stream, tbs_end, "nextUpdate");
    if (facts.next_update < facts.this_update) {
        throw Malformed::at(stream.offset(), "nextUpdate: before thisUpdate");
    }
    facts.entries = read_entries(stream, tbs_end, version, sink);
    read_extensions(stream, tbs_end, version, facts);
    if (stream.offset() != tbs_end) {
        throw Malformed::at(stream.offset(), "tbsCertList: bytes after its last field");
    }

    // RFC 5280, 5.1.1.2: "This field MUST contain the same algorithm identifier as the signature
    // field in the sequence tbsCertList".
    const std::uint64_t outer_offset = stream.offset();
    if (take(stream, end, kMostAlgorithm, "signatureAlgorithm") != facts.signature_algorithm) {
        throw Malformed::at(outer_offset, "signatureAlgorithm: not the one in tbsCertList");
    }
    facts.signature = read_signature(stream, end);
    if (stream.offset() != end) {
        throw Malformed::at(stream.offset(), "CertificateList: bytes after its signature");
    }
    return facts;
}

}  // namespace postern::revocation
