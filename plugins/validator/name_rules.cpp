#include "name_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <vector>

#include "name_syntax.h"

namespace postern::validator {

namespace {

constexpr const char* kSubjectAltName = "2.5.29.17";
constexpr std::size_t kNamesListed = 8;

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string address_text(sdk::Bytes address) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    const int family = address.size() == 4 ? AF_INET : AF_INET6;
    if (address.size() != 4 && address.size() != 16) return sdk::hex(address);
    return inet_ntop(family, address.data(), out.data(), out.size()) != nullptr ? out.data() : "";
}

// "[::1]" and "::1" are the same address; empty when it is none.
std::vector<std::uint8_t> address_of(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    const std::string text(host);
    std::vector<std::uint8_t> out(16);
    if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
    out.resize(4);
    if (inet_pton(AF_INET, text.c_str(), out.data()) == 1) return out;
    return {};
}

// RFC 9525 6.3: a wildcard stands for exactly one label.
bool dns_matches(std::string_view pattern, std::string_view host) {
    if (pattern.substr(0, 2) != "*.") return equal_ignoring_case(pattern, host);
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 &&
           equal_ignoring_case(pattern.substr(1), host.substr(dot));
}

std::string listed_names(const sdk::Certificate& leaf) {
    std::vector<std::string> names;
    const auto take = [&](std::uint32_t kind, const char* label) {
        for (std::size_t i = 0; i < leaf.name_count(kind) && names.size() <= kNamesListed; ++i) {
            const sdk::Bytes name = leaf.name(kind, i);
            names.push_back(label + (kind == POSTERN_X_SAN_IP ? address_text(name)
                                                              : std::string(name.characters())));
        }
    };
    take(POSTERN_X_SAN_DNS, "DNS:");
    take(POSTERN_X_SAN_IP, "IP:");
    take(POSTERN_X_SAN_URI, "URI:");
    take(POSTERN_X_SAN_EMAIL, "email:");
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), kNamesListed); ++i) {
        out += (out.empty() ? "" : ", ") + names[i];
    }
    return names.size() > kNamesListed ? out + ", …" : out;
}

Finding malformed(const Examined& leaf, const std::string& kind, sdk::Bytes name,
                  std::string_view fault) {
    return leaf.refuse(POSTERN_REASON_NAME_MALFORMED,
                       "has the " + kind + " \"" + std::string(name.first(255).characters()) +
                           "\", which " + std::string(fault));
}

Finding check_each_name(const Examined& leaf, Side side) {
    const sdk::Certificate& certificate = leaf.certificate();
    const Wildcard wildcard = side == Side::server ? Wildcard::allowed : Wildcard::refused;
    for (const sdk::Bytes& name : certificate.names(POSTERN_X_SAN_DNS)) {
        const std::string_view fault = dns_name_fault(name.characters(), wildcard);
        if (!fault.empty()) return malformed(leaf, "DNS name", name, fault);
    }
    for (const sdk::Bytes& address : certificate.names(POSTERN_X_SAN_IP)) {
        if (address.size() == 4 || address.size() == 16) continue;
        return leaf.refuse(POSTERN_REASON_NAME_MALFORMED, "has an IP address of " +
                                                              std::to_string(address.size()) +
                                                              " octets; 4 and 16 are right");
    }
    for (const sdk::Bytes& uri : certificate.names(POSTERN_X_SAN_URI)) {
        const std::string_view fault = uri_fault(uri.characters());
        if (!fault.empty()) return malformed(leaf, "URI", uri, fault);
    }
    for (const sdk::Bytes& mailbox : certificate.names(POSTERN_X_SAN_EMAIL)) {
        const std::string_view fault = mailbox_fault(mailbox.characters());
        if (!fault.empty()) return malformed(leaf, "e-mail address", mailbox, fault);
    }
    return {};
}

}  // namespace

Finding check_names(const Settings& settings, const Examined& leaf, Side side) {
    const sdk::Certificate& certificate = leaf.certificate();
    const std::size_t addresses = certificate.name_count(POSTERN_X_SAN_IP);
    const std::size_t names = certificate.name_count(POSTERN_X_SAN_DNS) +
                              certificate.name_count(POSTERN_X_SAN_URI) +
                              certificate.name_count(POSTERN_X_SAN_EMAIL);
    const std::size_t others = certificate.name_count(POSTERN_X_SAN_OTHER);
    // RFC 5280 4.2.1.6: "If the subjectAltName extension is present, the sequence MUST contain at
    // least one entry."
    if (certificate.extension(kSubjectAltName) && names + addresses + others == 0) {
        return leaf.refuse(POSTERN_REASON_NAME_MALFORMED,
                           "has a subject alternative name extension without a name in it");
    }
    // An address says where a server is, not who a client is.
    const bool named = names > 0 || (side == Side::server && addresses > 0);
    if (!named && settings.require_san) {
        return leaf.refuse(POSTERN_REASON_NAME_MISSING,
                           "has no DNS name, URI or e-mail address as subject alternative name");
    }
    if (!named && certificate.subject_text().empty()) {
        return leaf.refuse(POSTERN_REASON_NAME_MISSING,
                           "says of nobody that it is theirs: its subject is empty, and it has no "
                           "DNS name, URI or e-mail address");
    }
    return check_each_name(leaf, side);
}

Finding check_expected_name(const Examined& leaf, std::string_view expected) {
    if (!expected.empty() && expected.back() == '.') expected.remove_suffix(1);
    const std::vector<std::uint8_t> address = address_of(expected);
    std::uint32_t kind = POSTERN_X_SAN_DNS;
    if (!address.empty()) kind = POSTERN_X_SAN_IP;
    if (expected.find("://") != std::string_view::npos) kind = POSTERN_X_SAN_URI;
    for (const sdk::Bytes& name : leaf.certificate().names(kind)) {
        const bool matches = kind == POSTERN_X_SAN_IP    ? name == sdk::Bytes(address)
                             : kind == POSTERN_X_SAN_URI ? name.characters() == expected
                                                         : dns_matches(name.characters(), expected);
        if (matches) return {};
    }
    const std::string names = listed_names(leaf.certificate());
    return leaf.refuse(POSTERN_REASON_NAME_MISMATCH,
                       "is not for \"" + std::string(expected) + "\"; it is for " +
                           (names.empty() ? "nothing, having no subject alternative name" : names));
}

}  // namespace postern::validator
