// identity_of of verify.h.
#include <algorithm>
#include <string_view>

#include "core/tls/chain.h"
#include "core/tls/names.h"
#include "core/tls/verify.h"

namespace postern::tls {
namespace {

// Names come from certificates: what could end one name and begin another, or is not printable, is
// written as a backslash and two hex digits, so that different sets never give the same text.
std::string escaped(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const auto octet = static_cast<std::uint8_t>(c);
        if (c == ',' || c == '\\' || octet <= 0x20 || octet >= 0x7f) {
            text += '\\';
            text += to_hex({&octet, 1});
        } else {
            text += c;
        }
    }
    return text;
}

std::string set_of(std::string_view kind, std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += ',';
        text.append(kind).append(escaped(name));
    }
    return text;
}

std::string name_of(const Certificate& leaf) {
    if (!leaf.san_uri.empty()) return set_of("uri:", leaf.san_uri);
    if (!leaf.san_dns.empty()) {
        std::vector<std::string> names;
        for (const std::string& name : leaf.san_dns) names.push_back(lower_case(name));
        return set_of("dns:", std::move(names));
    }
    if (!leaf.san_email.empty()) return set_of("email:", leaf.san_email);
    if (!leaf.subject_text.empty()) return "dn:" + leaf.subject_text;
    return "key:" + to_hex(leaf.spki_sha256);  // a certificate without any name is its key
}

}  // namespace

Identity identity_of(const Chain& chain) {
    if (chain.size() == 0) return {};
    return {name_of(chain.leaf()), to_hex(chain.certificates().back().spki_sha256)};
}

}  // namespace postern::tls
