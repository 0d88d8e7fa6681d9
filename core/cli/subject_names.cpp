#include "core/cli/subject_names.h"

#include <algorithm>
#include <string_view>

#include <arpa/inet.h>

#include "core/cli/printable.h"
#include "core/tls/gnutls_handle.h"

namespace postern::cli {
namespace {

bool is_ascii_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Error bad_name(const std::string& flag, const std::string& value, const std::string& right) {
    return configuration_error(flag + ": \"" + printable(value) + "\" " + right);
}

Result<std::string> parse_dns(const std::string& value) {
    if (!address_bytes(value).empty())
        return bad_name("--dns", value, "is an address; give it with --ip");
    std::string name = value;
    if (!is_ascii_visible(value)) {
        tls::GnutlsDatum mapped;
        if (!is_printable(value) ||
            gnutls_idna_map(value.data(), static_cast<unsigned>(value.size()), mapped.out(), 0) < 0)
            return bad_name("--dns", value, "is not an international host name");
        name = as_text(mapped.view());
    }
    if (!is_host_name(name))
        return bad_name("--dns", value,
                        "is not a host name; letters, digits and hyphens between dots are "
                        "expected");
    return name;
}

// SPIFFE-ID section 2: spiffe://trust-domain/path, nothing else in the authority, no query.
bool is_spiffe_id(std::string_view uri) {
    constexpr std::string_view kScheme = "spiffe://";
    if (!uri.starts_with(kScheme) || uri.size() > 2048) return false;
    uri.remove_prefix(kScheme.size());
    const auto slash = uri.find('/');
    const auto domain = uri.substr(0, slash);
    const auto domain_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    };
    if (domain.empty() || !std::all_of(domain.begin(), domain.end(), domain_character))
        return false;
    if (slash == uri.npos) return true;
    auto path = uri.substr(slash + 1);
    while (true) {
        const auto end = path.find('/');
        const auto segment = path.substr(0, end);
        const auto segment_character = [&](char c) {
            return domain_character(c) || (c >= 'A' && c <= 'Z');
        };
        if (segment.empty() || segment == "." || segment == ".." ||
            !std::all_of(segment.begin(), segment.end(), segment_character))
            return false;
        if (end == path.npos) return true;
        path.remove_prefix(end + 1);
    }
}

Result<void> check_uri(const std::string& value) {
    const auto colon = value.find(':');
    const auto scheme = std::string_view(value).substr(0, colon);
    const auto scheme_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '-' || c == '.';
    };
    if (colon == value.npos || colon == 0 || colon + 1 == value.size() ||
        !std::all_of(scheme.begin(), scheme.end(), scheme_character) || !is_ascii_visible(value))
        return bad_name("--uri", value, "is not an absolute URI, such as spiffe://example.org/me");
    if (value.starts_with("spiffe:") && !is_spiffe_id(value))
        return bad_name("--uri", value,
                        "is not a SPIFFE ID; spiffe://trust-domain/path in lower case is "
                        "expected");
    return {};
}

bool is_mail_address(const std::string& value) {
    const auto at = value.rfind('@');
    return at != value.npos && at > 0 && is_ascii_visible(value) && value.find('@') == at &&
           is_host_name(value.substr(at + 1));
}

}  // namespace

Bytes address_bytes(const std::string& text) {
    Bytes address(4);
    if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return address;
    address.resize(16);
    if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
    return {};
}

bool is_host_name(const std::string& name) {
    std::string_view rest = name;
    if (rest.starts_with("*.")) rest.remove_prefix(2);
    if (rest.empty() || rest.size() > 253) return false;
    while (true) {
        const auto dot = rest.find('.');
        const auto label = rest.substr(0, dot);
        const auto label_character = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-';
        };
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::all_of(label.begin(), label.end(), label_character))
            return false;
        if (dot == rest.npos) return true;
        rest.remove_prefix(dot + 1);
    }
}

Result<void> check_common_name(const std::string& flag, const std::string& name) {
    std::size_t characters = 0;
    for (const char c : name) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (characters < 1 || characters > 64 || !is_printable(name))
        return bad_name(flag, name, "is not a name of 1 to 64 visible characters");
    return {};
}

Result<void> check_fetch_uri(const std::string& flag, const std::string& uri) {
    const std::string_view text = uri;
    const auto start = text.starts_with("http://") ? 7u : text.starts_with("https://") ? 8u : 0u;
    if (start == 0 || text.size() == start || text[start] == '/' || !is_ascii_visible(text))
        return bad_name(flag, uri, "is not an http:// or https:// URL");
    return {};
}

Result<SubjectNames> parse_subject_names(const NameOptions& options) {
    SubjectNames names;
    for (const auto& value : options.dns) {
        auto name = parse_dns(value);
        if (!name) return name.error();
        names.dns.push_back(std::move(*name));
    }
    for (const auto& value : options.ip) {
        auto address = address_bytes(value);
        if (address.empty())
            return bad_name("--ip", value, "is not an IPv4 or IPv6 address; names go with --dns");
        names.addresses.push_back(std::move(address));
    }
    for (const auto& value : options.email) {
        if (!is_mail_address(value))
            return bad_name("--email", value, "is not a mail address, such as me@example.org");
        names.email.push_back(value);
    }
    for (const auto& value : options.uri) {
        if (auto checked = check_uri(value); !checked) return checked.error();
        // X509-SVID section 2: a certificate with a SPIFFE ID has exactly one URI.
        if (value.starts_with("spiffe:") && options.uri.size() > 1)
            return bad_name("--uri", value, "is a SPIFFE ID, which stands alone; give one --uri");
        names.uri.push_back(value);
    }
    return names;
}

}  // namespace postern::cli
