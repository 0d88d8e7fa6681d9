// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "crl_scope.h"
#include "input.h"

namespace postern::revocation {

struct RevokedSerial {
    Bytes serial;  // INTEGER's content octets; valid during the call
    std::int64_t revoked_at;
    std::uint8_t reason;    // RFC 5280, 5.3.1: CRLReason
    std::size_t wire_size;  // of the whole entry
};

// Takes the entries as they go by.
class RevokedSink {
public:
    virtual ~RevokedSink() = default;
    virtual void add(const RevokedSerial& revoked) = 0;
};

// Everything of a CRL but its entries.
struct CrlFacts {
    std::vector<std::uint8_t> issuer;  // DER Name
    std::int64_t this_update = 0;
    std::int64_t next_update = 0;
    std::vector<std::uint8_t> authority_key_id;     // keyIdentifier, empty if absent
    std::vector<std::uint8_t> number;               // cRLNumber's content octets, empty if absent
    std::vector<std::uint8_t> signature_algorithm;  // DER AlgorithmIdentifier
    std::vector<std::uint8_t> signature;
    CrlScope scope;
    std::uint64_t tbs_offset = 0;  // TBSCertList with its header
    std::uint64_t tbs_size = 0;
    std::uint64_t size = 0;  // the whole CRL
    std::uint64_t entries = 0;
};

// Serials above this are refused. RFC 5280 allows 20 octets; a few authorities exceed it.
constexpr std::size_t kMostSerial = 32;

// Reads one CertificateList of RFC 5280, 5.1, in one pass and with bounded memory, whatever its
// size. Throws Malformed for what is not one, and for one whose meaning is not wholly understood:
// delta and indirect CRLs, unknown critical extensions, CRLs for some reasons only. Does NOT check
// the signature, nor the times against a clock. Leaves `input` behind the CRL.
CrlFacts read_crl(Input& input, RevokedSink& sink);

}  // namespace postern::revocation
