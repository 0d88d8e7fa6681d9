#include "core/tls/certificate_extensions.h"

#include <algorithm>
#include <string_view>

#include "core/tls/der.h"

namespace postern::tls {
namespace {

bool read_subject_alt_names(ByteView value, Certificate& out) {
    const auto names = der_single(value, kDerSequence);
    if (!names || !der_count(names->content, kMaxSubjectAltNames)) return false;
    DerReader reader(names->content);
    while (!reader.at_end()) {
        const auto name = reader.next();
        const std::string text(as_text(name->content));
        const Bytes bytes(name->content.begin(), name->content.end());
        if (name->tag == der_context(1)) {
            out.san_email.push_back(text);
        } else if (name->tag == der_context(2)) {
            out.san_dns.push_back(text);
        } else if (name->tag == der_context(6)) {
            out.san_uri.push_back(text);
        } else if (name->tag == der_context(7)) {
            out.san_ip.push_back(bytes);
        } else {
            out.san_other.emplace_back(name->whole.begin(), name->whole.end());
        }
    }
    return true;
}

bool read_basic_constraints(ByteView value, Certificate& out) {
    const auto sequence = der_single(value, kDerSequence);
    if (!sequence) return false;
    DerReader reader(sequence->content);
    out.is_ca = 0;
    if (const auto ca = reader.next(kDerBoolean)) {
        if (ca->content.size() != 1) return false;
        out.is_ca = ca->content[0] != 0 ? 1 : 0;
    }
    if (const auto length = reader.next(kDerInteger)) {
        // No path is longer than what one octet says; more or negative is malformed.
        if (length->content.size() != 1 || length->content[0] > 0x7f) return false;
        out.path_length = length->content[0];
    }
    return reader.at_end();
}

bool read_key_usage(ByteView value, Certificate& out) {
    const auto bits = der_single(value, kDerBitString);
    if (!bits || bits->content.empty() || bits->content.size() > 3 || bits->content[0] > 7)
        return false;
    out.key_usage = 0;
    for (std::size_t i = 0; i < 9; ++i) {
        const std::size_t octet = 1 + i / 8;
        if (octet < bits->content.size() && (bits->content[octet] & (0x80U >> (i % 8))) != 0)
            out.key_usage |= std::int64_t{1} << i;  // bit 0 is digitalSignature, as in the SDK
    }
    return true;
}

bool read_extended_key_usage(ByteView value, Certificate& out) {
    const auto purposes = der_single(value, kDerSequence);
    if (!purposes || !der_count(purposes->content, kMaxListEntries)) return false;
    DerReader reader(purposes->content);
    while (const auto purpose = reader.next(kDerOid))
        out.extended_key_usage.push_back(der_oid_text(purpose->content));
    return reader.at_end();
}

bool read_subject_key_id(ByteView value, Certificate& out) {
    const auto id = der_single(value, kDerOctetString);
    if (id) out.subject_key_id.assign(id->content.begin(), id->content.end());
    return id.has_value();
}

bool read_authority_key_id(ByteView value, Certificate& out) {
    const auto sequence = der_single(value, kDerSequence);
    if (!sequence) return false;
    DerReader reader(sequence->content);
    if (const auto id = reader.next(der_context(0)))
        out.authority_key_id.assign(id->content.begin(), id->content.end());
    return true;
}

void add_uri(const DerElement& name, std::vector<std::string>& uris) {
    if (name.tag == der_context(6) && uris.size() < kMaxListEntries)
        uris.emplace_back(as_text(name.content));
}

bool read_authority_information(ByteView value, Certificate& out) {
    const auto descriptions = der_single(value, kDerSequence);
    if (!descriptions || !der_count(descriptions->content, kMaxListEntries)) return false;
    DerReader reader(descriptions->content);
    while (const auto description = reader.next(kDerSequence)) {
        DerReader fields(description->content);
        const auto method = fields.next(kDerOid);
        const auto location = method ? fields.next() : std::nullopt;
        if (!location || !fields.at_end()) return false;
        const std::string oid = der_oid_text(method->content);
        if (oid == "1.3.6.1.5.5.7.48.1") add_uri(*location, out.ocsp_uris);
        if (oid == "1.3.6.1.5.5.7.48.2") add_uri(*location, out.ca_issuers_uris);
    }
    return reader.at_end();
}

// RFC 5280 4.2.1.13: DistributionPoint ::= SEQUENCE { distributionPoint [0], … }, whose fullName is
// [0] GeneralNames.
bool read_distribution_points(ByteView value, Certificate& out) {
    const auto points = der_single(value, kDerSequence);
    if (!points || !der_count(points->content, kMaxListEntries)) return false;
    DerReader reader(points->content);
    while (const auto point = reader.next(kDerSequence)) {
        DerReader fields(point->content);
        const auto name = fields.next(der_context_constructed(0));
        if (!name) continue;
        const auto full = DerReader(name->content).next(der_context_constructed(0));
        if (!full) continue;  // nameRelativeToCRLIssuer
        if (!der_count(full->content, kMaxListEntries)) return false;
        DerReader names(full->content);
        while (const auto uri = names.next()) add_uri(*uri, out.crl_uris);
    }
    return reader.at_end();
}

struct Known {
    std::string_view oid;
    bool (*read)(ByteView value, Certificate& out);
};
constexpr Known kKnown[] = {
    {"2.5.29.14", read_subject_key_id},      {"2.5.29.15", read_key_usage},
    {"2.5.29.17", read_subject_alt_names},   {"2.5.29.19", read_basic_constraints},
    {"2.5.29.31", read_distribution_points}, {"2.5.29.35", read_authority_key_id},
    {"2.5.29.37", read_extended_key_usage},  {"1.3.6.1.5.5.7.1.1", read_authority_information},
};

bool seen_before(const std::vector<Extension>& extensions, std::string_view oid) {
    return std::any_of(extensions.begin(), extensions.end(),
                       [oid](const Extension& extension) { return extension.oid == oid; });
}

}  // namespace

Result<void> read_extensions(ByteView extensions, Certificate& certificate) {
    if (!der_count(extensions, kMaxExtensions))
        return configuration_error("its extensions are malformed or more than 100");
    DerReader reader(extensions);
    while (const auto element = reader.next(kDerSequence)) {
        DerReader fields(element->content);
        const auto id = fields.next(kDerOid);
        const auto critical = fields.next(kDerBoolean);
        const auto value = fields.next(kDerOctetString);
        if (!id || !value || !fields.at_end() || (critical && critical->content.size() != 1))
            return configuration_error("an extension of it is malformed");

        Extension extension;
        extension.oid = der_oid_text(id->content);
        if (extension.oid.empty()) return configuration_error("an extension's id is malformed");
        extension.value.assign(value->content.begin(), value->content.end());
        extension.critical = critical && critical->content[0] != 0;
        if (!seen_before(certificate.extensions, extension.oid)) {
            for (const Known& known : kKnown)
                if (known.oid == extension.oid && !known.read(value->content, certificate))
                    return configuration_error("its extension " + extension.oid +
                                               " is malformed or too long");
        }
        certificate.extensions.push_back(std::move(extension));
    }
    if (!reader.at_end()) return configuration_error("an extension of it is malformed");
    return {};
}

}  // namespace postern::tls
