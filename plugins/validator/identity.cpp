#include "identity.h"

#include <algorithm>

#include "name_syntax.h"

namespace postern::validator {

namespace {

constexpr std::size_t kDigestDigits = 64;

// Label by label, "*" for one.
bool labels_match(std::string_view pattern, std::string_view name) {
    for (;;) {
        const std::size_t end = pattern.find('.');
        const std::size_t dot = name.find('.');
        const std::string_view wanted = pattern.substr(0, end);
        const std::string_view label = name.substr(0, dot);
        if (wanted == "*" ? label.empty() : wanted != label) return false;
        if (end == std::string_view::npos || dot == std::string_view::npos) return end == dot;
        pattern.remove_prefix(end + 1);
        name.remove_prefix(dot + 1);
    }
}

bool mailbox_matches(std::string_view pattern, std::string_view mailbox) {
    const std::size_t wanted = pattern.rfind('@');
    const std::size_t at = mailbox.rfind('@');
    if (at == std::string_view::npos || at == 0) return false;
    const std::string_view local = pattern.substr(0, wanted);
    return (local == "*" || local == mailbox.substr(0, at)) &&
           labels_match(pattern.substr(wanted + 1), mailbox.substr(at + 1));
}

template <class Matches>
bool any(const std::vector<std::string>& names, Matches matches) {
    return std::any_of(names.begin(), names.end(), matches);
}

std::string dns_fault(std::string_view pattern) {
    const std::size_t dot = pattern.rfind('.');
    if (pattern.find('*') != std::string_view::npos && dot == std::string_view::npos) {
        return "has no label beside its wildcard";
    }
    // A star stands where a label stands; what is left is a name like any other.
    std::string name;
    for (std::string_view rest = pattern;;) {
        const std::size_t end = rest.find('.');
        const std::string_view label = rest.substr(0, end);
        const bool last = end == std::string_view::npos;
        if (label == "*" && last) return "has a wildcard for its last label";
        name += (name.empty() ? "" : ".") + (label == "*" ? std::string("x") : std::string(label));
        if (last) break;
        rest.remove_prefix(end + 1);
    }
    return std::string(dns_name_fault(name, Wildcard::refused));
}

std::string mailbox_pattern_fault(std::string_view pattern) {
    const std::size_t at = pattern.rfind('@');
    if (at == std::string_view::npos) return "has no @";
    const std::string_view local = pattern.substr(0, at);
    if (local != "*" && local.find('*') != std::string_view::npos) {
        return "has a * that is not the whole of what stands before the @";
    }
    if (local != "*") {
        if (auto fault = mailbox_fault(std::string(local) + "@x.example"); !fault.empty()) {
            return std::string(fault);
        }
    }
    return dns_fault(pattern.substr(at + 1));
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// "sha256/BASE64", as pins are written, or 64 hexadecimal digits with or without colons; empty: it
// is neither.
std::string digest_of(std::string_view text) {
    constexpr std::string_view kPin = "sha256/";
    std::string out;
    if (text.substr(0, kPin.size()) != kPin) {
        for (const char c : lower_case(text)) {
            if (c == ':') continue;
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return {};
            out += c;
        }
        return out.size() == kDigestDigits ? out : std::string();
    }
    text.remove_prefix(kPin.size());
    if (text.size() != 44 || text.back() != '=') return {};  // 32 octets
    std::uint32_t bits = 0;
    std::vector<std::uint8_t> octets;
    for (std::size_t i = 0; i < 43; ++i) {
        const int value = base64_value(text[i]);
        if (value < 0) return {};
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffffu;
        if (i % 4 == 3) {
            octets.push_back(static_cast<std::uint8_t>(bits >> 16));
            octets.push_back(static_cast<std::uint8_t>(bits >> 8));
            octets.push_back(static_cast<std::uint8_t>(bits));
        }
    }
    octets.push_back(static_cast<std::uint8_t>(bits >> 10));
    octets.push_back(static_cast<std::uint8_t>(bits >> 2));
    return sdk::hex(octets);
}

std::string add_digest(std::string& out, std::string_view value) {
    out = digest_of(value);
    return out.empty() ? "is no SHA-256 digest: \"sha256/\" and Base64, or 64 hexadecimal digits"
                       : "";
}

std::string add_subject(std::optional<SubjectPattern>& out, std::string_view value) {
    if (const auto fault = SubjectPattern::fault(value); !fault.empty()) return std::string(fault);
    out.emplace(value);
    return {};
}

std::string add_uri(std::optional<Pattern>& out, std::string_view value) {
    auto fault = Pattern::fault(value, Pattern::Form::segments);
    if (fault.empty()) fault = uri_fault(value);
    if (!fault.empty()) return std::string(fault);
    out.emplace(std::string(value), Pattern::Form::segments);
    return {};
}

}  // namespace

std::string add_condition(Identity& out, std::string_view kind, std::string_view value) {
    if (kind == "uri") return add_uri(out.uri, value);
    if (kind == "dns") {
        out.dns = lower_case(value);
        return dns_fault(out.dns);
    }
    if (kind == "email") {
        out.email = mailbox_key(value);
        return mailbox_pattern_fault(out.email);
    }
    if (kind == "dn") return add_subject(out.subject, value);
    if (kind == "key") return add_digest(out.key, value);
    if (kind == "certificate") return add_digest(out.certificate, value);
    if (value.find('=') != std::string_view::npos && value.substr(0, 7) != "sha256/") {
        return add_subject(out.issuer, value);
    }
    return add_digest(out.issuer_key, value).empty()
               ? ""
               : "is neither a subject such as CN=Corp CA,O=Corp nor a SHA-256 digest of its key";
}

bool Identity::matches(const Peer& peer) const {
    if (!word.empty()) return peer.present == (word == "*");
    if (!peer.present) return false;
    const auto is_uri = [this](const std::string& name) { return uri->matches(name); };
    const auto is_dns = [this](const std::string& name) { return labels_match(dns, name); };
    const auto is_mailbox = [this](const std::string& name) {
        return mailbox_matches(email, name);
    };
    const auto is_issuer = [this](const std::string& digest) { return digest == issuer_key; };
    return (!uri || any(peer.uris, is_uri)) && (dns.empty() || any(peer.dns_names, is_dns)) &&
           (email.empty() || any(peer.mailboxes, is_mailbox)) &&
           (!subject || subject->matches(peer.subject)) &&
           (!issuer || issuer->matches(peer.issuer)) &&
           (issuer_key.empty() || any(peer.issuer_keys, is_issuer)) &&
           (key.empty() || key == peer.key) &&
           (certificate.empty() || certificate == peer.certificate);
}

std::string Identity::exact_key() const {
    if (!word.empty()) return word;
    const int said = int{uri.has_value()} + int{!dns.empty()} + int{!email.empty()} +
                     int{subject.has_value()} + int{issuer.has_value()} + int{!issuer_key.empty()} +
                     int{!key.empty()} + int{!certificate.empty()};
    if (said != 1) return {};
    if (uri) return uri->exact() ? "uri:" + uri->text() : "";
    if (!key.empty()) return "key:" + key;
    if (!certificate.empty()) return "certificate:" + certificate;
    if (subject) return subject->exact() ? "dn:" + subject->text() : "";
    if (!dns.empty()) return dns.find('*') == std::string::npos ? "dns:" + dns : "";
    if (!email.empty()) return email.find('*') == std::string::npos ? "email:" + email : "";
    return {};
}

std::string Identity::text() const {
    std::string out = word;
    const auto add = [&out](const char* kind, const std::string& value) {
        if (!value.empty()) out += kind + value + "\n";
    };
    add("uri:", uri ? uri->text() : "");
    add("dns:", dns);
    add("email:", email);
    add("dn:", subject ? subject->text() : "");
    add("issuer:", issuer ? issuer->text() : "");
    add("issuer_key:", issuer_key);
    add("key:", key);
    add("certificate:", certificate);
    return out;
}

std::uint32_t IdentityIndex::add_list(const std::vector<Identity>& identities) {
    for (const Identity& identity : identities) {
        if (std::string key = identity.exact_key(); !key.empty()) {
            exact_[std::move(key)].push_back(count_);
        } else {
            others_.emplace_back(identity, count_);
        }
    }
    return count_++;
}

std::vector<std::uint32_t> IdentityIndex::lists_of(const Peer& peer) const {
    std::vector<std::uint32_t> out;
    for (const std::string& key : peer.keys()) {
        if (const auto found = exact_.find(key); found != exact_.end()) {
            out.insert(out.end(), found->second.begin(), found->second.end());
        }
    }
    for (const auto& [identity, list] : others_) {
        if (identity.matches(peer)) out.push_back(list);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace postern::validator
