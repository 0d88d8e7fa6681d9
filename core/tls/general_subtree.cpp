#include "core/tls/general_subtree.h"

#include <algorithm>

#include "core/tls/der.h"
#include "core/tls/names.h"

namespace postern::tls {
namespace {

constexpr std::uint8_t kMailbox = der_context(1);
constexpr std::uint8_t kDns = der_context(2);
constexpr std::uint8_t kDirectory = der_context_constructed(4);
constexpr std::uint8_t kUri = der_context(6);
constexpr std::uint8_t kAddress = der_context(7);

bool is_host(std::string_view name) {
    return !name.empty() && name.find('*') == std::string_view::npos &&
           is_dns_name(lower_case(std::string(name)));
}

// RFC 5280: a host, or with a period before it every host below.
bool is_host_or_domain(std::string_view base) {
    return is_host(base) || (base.starts_with('.') && is_host(base.substr(1)));
}

bool is_mailbox_base(std::string_view base) {
    const std::size_t at = base.rfind('@');
    if (at == std::string_view::npos) return is_host_or_domain(base);
    return at > 0 && base.find('@') == at && is_host(base.substr(at + 1));
}

bool is_network(ByteView base) {
    if (base.size() != 8 && base.size() != 32) return false;
    bool ended = false;  // RFC 4632: ones, then zeros
    for (const std::uint8_t octet : base.subspan(base.size() / 2)) {
        for (unsigned bit = 0x80; bit != 0; bit >>= 1) {
            if ((octet & bit) == 0)
                ended = true;
            else if (ended)
                return false;
        }
    }
    return true;
}

bool is_sound(const GeneralSubtree& base) {
    const std::string_view text = as_text(base.content);
    switch (base.tag) {
        case kDns:
            // An empty base is every name; one with a period before it is none (4.2.1.10 has that
            // for mailboxes and URIs alone).
            return text.empty() || is_host(text);
        case kMailbox:
            return text.empty() || is_mailbox_base(text);
        case kUri:
            return text.empty() || is_host_or_domain(text);
        case kAddress:
            return is_network(base.content);
        case kDirectory:
            return der_single(base.content, kDerSequence).has_value();
        default:
            return true;  // nobody knows these forms: see what becomes of names of such a form
    }
}

bool is_zero(ByteView integer) {
    return integer.size() == 1 && integer[0] == 0;
}

bool read_subtrees(ByteView content, std::vector<GeneralSubtree>& out) {
    const auto count = der_count(content, kMaxSubtrees);
    if (!count || *count == 0) return false;
    DerReader reader(content);
    while (const auto subtree = reader.next(kDerSequence)) {
        DerReader fields(subtree->content);
        const auto base = fields.next();
        if (!base) return false;
        // minimum is zero and absent in DER; one that says zero all the same says nothing else.
        if (const auto minimum = fields.next(der_context(0)))
            if (!is_zero(minimum->content)) return false;
        if (!fields.at_end()) return false;
        out.push_back({base->tag, base->content});
        if (!is_sound(out.back())) return false;
    }
    return reader.at_end();
}

Within host_within(std::string_view host, std::string_view base) {
    if (base.empty()) return Within::yes;
    if (base.front() != '.') return host == base ? Within::yes : Within::no;
    return host.size() > base.size() && host.ends_with(base) ? Within::yes : Within::no;
}

bool is_below(std::string_view name, std::string_view base) {
    if (base.empty() || name == base) return true;
    return name.size() > base.size() && name.ends_with(base) &&
           name[name.size() - base.size() - 1] == '.';
}

// The fixed part of a wildcard, or the whole name; empty for what is no name.
std::string fixed_part(std::string_view name, bool& wildcard) {
    wildcard = name.starts_with("*.");
    std::string fixed = lower_case(std::string(wildcard ? name.substr(2) : name));
    return is_host(fixed) ? fixed : std::string();
}

// RFC 5280 7.1, as far as it goes without stringprep: case and runs of spaces do not count.
std::string folded(ByteView value) {
    std::string out;
    for (const char c : lower_case(std::string(as_text(value)))) {
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += c;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

bool is_text_of_octets(std::uint8_t tag) {
    return tag == 0x0c || tag == 0x13 || tag == 0x16;  // UTF8String, PrintableString, IA5String
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Within same_attribute(const DerElement& one, const DerElement& other) {
    if (std::equal(one.whole.begin(), one.whole.end(), other.whole.begin(), other.whole.end()))
        return Within::yes;
    DerReader left(one.content);
    DerReader right(other.content);
    const auto left_type = left.next(kDerOid);
    const auto right_type = right.next(kDerOid);
    const auto left_value = left.next();
    const auto right_value = right.next();
    if (!left_type || !right_type || !left_value || !right_value) return Within::unclear;
    if (der_oid_text(left_type->content) != der_oid_text(right_type->content)) return Within::no;
    if (!is_text_of_octets(left_value->tag) || !is_text_of_octets(right_value->tag))
        return Within::unclear;
    const std::string a = folded(left_value->content);
    const std::string b = folded(right_value->content);
    if (a == b) return Within::yes;
    return is_ascii(a) && is_ascii(b) ? Within::no : Within::unclear;
}

Within same_rdn(ByteView one, ByteView other) {
    const auto left = DerReader(one).next();
    const auto right = DerReader(other).next();
    if (!left || !right) return Within::unclear;
    const auto count = der_count(left->content, 1);
    const auto others = der_count(right->content, 1);
    // Sets of several attributes are rare, and sorted by an encoding that may differ.
    if (!count || !others)
        return std::equal(one.begin(), one.end(), other.begin(), other.end()) ? Within::yes
                                                                              : Within::unclear;
    const auto a = DerReader(left->content).next();
    const auto b = DerReader(right->content).next();
    return a && b ? same_attribute(*a, *b) : Within::unclear;
}

}  // namespace

std::optional<NameConstraints> read_name_constraints(ByteView value) {
    const auto sequence = der_single(value, kDerSequence);
    if (!sequence) return std::nullopt;
    NameConstraints out;
    DerReader fields(sequence->content);
    if (const auto permitted = fields.next(der_context_constructed(0)))
        if (!read_subtrees(permitted->content, out.permitted)) return std::nullopt;
    if (const auto excluded = fields.next(der_context_constructed(1)))
        if (!read_subtrees(excluded->content, out.excluded)) return std::nullopt;
    const std::size_t count = out.permitted.size() + out.excluded.size();
    if (!fields.at_end() || count == 0 || count > kMaxSubtrees) return std::nullopt;
    return out;
}

Within dns_within(std::string_view name, std::string_view base) {
    bool wildcard = false;
    const std::string fixed = fixed_part(name, wildcard);
    if (fixed.empty()) return Within::unclear;
    return is_below(fixed, lower_case(std::string(base))) ? Within::yes : Within::no;
}

Within dns_touches(std::string_view name, std::string_view base) {
    const Within within = dns_within(name, base);
    if (within != Within::no) return within;
    bool wildcard = false;
    const std::string fixed = fixed_part(name, wildcard);
    if (!wildcard) return Within::no;
    // It stands for one label: a base that is itself one of these names.
    const std::string low = lower_case(std::string(base));
    const std::size_t dot = low.find('.');
    return dot != std::string::npos && low.substr(dot + 1) == fixed ? Within::yes : Within::no;
}

Within mailbox_within(std::string_view mailbox, std::string_view base) {
    const std::size_t at = mailbox.rfind('@');
    if (at == std::string_view::npos || at == 0) return Within::unclear;
    const std::string host = lower_case(std::string(mailbox.substr(at + 1)));
    if (!is_host(host)) return Within::unclear;
    const std::size_t base_at = base.rfind('@');
    if (base_at == std::string_view::npos) return host_within(host, lower_case(std::string(base)));
    // RFC 5280 7.5: the local part by its letters, the host without regard to case.
    return mailbox.substr(0, at) == base.substr(0, base_at) &&
                   host == lower_case(std::string(base.substr(base_at + 1)))
               ? Within::yes
               : Within::no;
}

// "If the URI does not include an authority component, or includes one in which the host name is
// not specified as a fully qualified domain name (e.g., … an IP address), then the application MUST
// reject the certificate."
Within uri_within(std::string_view uri, std::string_view base) {
    const std::size_t slashes = uri.find("://");
    if (slashes == std::string_view::npos) return Within::unclear;
    std::string_view authority = uri.substr(slashes + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
        authority.remove_prefix(at + 1);
    const std::string host = lower_case(std::string(authority.substr(0, authority.find(':'))));
    if (!is_host(host)) return Within::unclear;
    return host_within(host, lower_case(std::string(base)));
}

Within address_within(ByteView address, ByteView base) {
    if (address.size() != 4 && address.size() != 16) return Within::unclear;
    if (base.size() != 2 * address.size()) return Within::no;
    for (std::size_t i = 0; i < address.size(); ++i)
        if (((address[i] ^ base[i]) & base[address.size() + i]) != 0) return Within::no;
    return Within::yes;
}

Within directory_name_within(ByteView name, ByteView base) {
    DerReader names(name);
    DerReader bases(base);
    Within all = Within::yes;
    while (!bases.at_end()) {
        const auto wanted = bases.next();
        if (!wanted) return Within::unclear;
        if (names.at_end()) return Within::no;
        const auto found = names.next();
        if (!found) return Within::unclear;
        const Within same = same_rdn(found->whole, wanted->whole);
        if (same == Within::no) return Within::no;
        if (same == Within::unclear) all = Within::unclear;
    }
    return all;
}

}  // namespace postern::tls
