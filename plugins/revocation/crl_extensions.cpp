// SPDX-License-Identifier: Apache-2.0
#include "crl_extensions.h"

#include <algorithm>
#include <array>
#include <string>

#include "der_values.h"
#include "malformed.h"

namespace postern::revocation {
namespace {

// The last arcs below 2.5.29.
constexpr std::uint8_t kCrlNumber = 20;
constexpr std::uint8_t kReasonCode = 21;
constexpr std::uint8_t kInvalidityDate = 24;
constexpr std::uint8_t kDeltaCrlIndicator = 27;
constexpr std::uint8_t kIssuingDistributionPoint = 28;
constexpr std::uint8_t kCertificateIssuer = 29;
constexpr std::uint8_t kAuthorityKeyIdentifier = 35;

constexpr std::uint8_t kReasonUnused = 7;
constexpr std::uint8_t kReasonRemoveFromCrl = 8;
constexpr std::uint8_t kReasonLast = 10;

// Refuses an extension that came before: RFC 5280, 4.2: "A certificate MUST NOT include more than
// one instance of a particular extension", and a second would be the one that decides.
class Seen {
public:
    void note(const Extension& extension) {
        const auto end = ids_.begin() + static_cast<std::ptrdiff_t>(count_);
        if (std::find(ids_.begin(), end, extension.id) != end) {
            throw Malformed::at(extension.offset, "extensions: one stands twice");
        }
        if (count_ == ids_.size()) throw Malformed::at(extension.offset, "extensions: too many");
        ids_[count_++] = extension.id;
    }

private:
    std::array<Bytes, 32> ids_;
    std::size_t count_ = 0;
};

Malformed unknown_critical(const Extension& extension) {
    return Malformed::at(extension.offset,
                         "an unknown critical extension, id " + sdk::hex(extension.id) + " (DER)");
}

std::vector<std::uint8_t> key_identifier(DerReader& value) {
    DerReader fields = value.enter(tag::kSequence, "authorityKeyIdentifier");
    value.finish("authorityKeyIdentifier");
    if (!fields.next_is(tag::context(0))) return {};
    return fields.content(tag::context(0), "keyIdentifier").copy();
}

std::vector<std::uint8_t> crl_number(DerReader& value) {
    const std::uint64_t offset = value.offset();
    const Bytes number = read_integer(value, "cRLNumber");
    value.finish("cRLNumber");
    if (number[0] >= 0x80 || number.size() > kMostSerial) {
        throw Malformed::at(offset, "cRLNumber: negative or too long");
    }
    return number.copy();
}

std::uint8_t reason_code(DerReader& value) {
    const std::uint64_t offset = value.offset();
    const Bytes content = value.content(tag::kEnumerated, "reasonCode");
    value.finish("reasonCode");
    if (content.size() != 1 || content[0] > kReasonLast || content[0] == kReasonUnused) {
        throw Malformed::at(offset, "reasonCode: none of RFC 5280");
    }
    if (content[0] == kReasonRemoveFromCrl) {
        throw Malformed::at(offset, "reasonCode: removeFromCRL, which only delta CRLs may have");
    }
    return content[0];
}

}  // namespace

void read_crl_extensions(DerReader& reader, CrlFacts& facts) {
    DerReader extensions = reader.enter(tag::kSequence, "crlExtensions");
    if (extensions.at_end()) throw Malformed::at(extensions.offset(), "crlExtensions: empty");
    Seen seen;
    while (!extensions.at_end()) {
        const Extension extension = read_extension(extensions);
        seen.note(extension);
        DerReader value(extension.value, extension.offset);
        if (is_certificate_extension(extension.id, kDeltaCrlIndicator)) {
            throw Malformed::at(extension.offset, "a delta CRL is not supported");
        }
        if (is_certificate_extension(extension.id, kAuthorityKeyIdentifier)) {
            facts.authority_key_id = key_identifier(value);
        } else if (is_certificate_extension(extension.id, kCrlNumber)) {
            facts.number = crl_number(value);
        } else if (is_certificate_extension(extension.id, kIssuingDistributionPoint)) {
            facts.scope = read_issuing_distribution_point(value);
        } else if (extension.critical) {
            throw unknown_critical(extension);
        }
    }
}

std::uint8_t read_entry_extensions(DerReader& reader) {
    DerReader extensions = reader.enter(tag::kSequence, "crlEntryExtensions");
    if (extensions.at_end()) throw Malformed::at(extensions.offset(), "crlEntryExtensions: empty");
    Seen seen;
    std::uint8_t reason = 0;
    while (!extensions.at_end()) {
        const Extension extension = read_extension(extensions);
        seen.note(extension);
        if (is_certificate_extension(extension.id, kReasonCode)) {
            DerReader value(extension.value, extension.offset);
            reason = reason_code(value);
        } else if (is_certificate_extension(extension.id, kCertificateIssuer)) {
            throw Malformed::at(extension.offset,
                                "certificateIssuer: an indirect CRL is not supported");
        } else if (extension.critical && !is_certificate_extension(extension.id, kInvalidityDate)) {
            throw unknown_critical(extension);
        }
    }
    return reason;
}

}  // namespace postern::revocation
