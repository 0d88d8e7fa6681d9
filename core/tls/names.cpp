#include "core/tls/names.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace postern::tls {
namespace {

bool looks_like_ipv4(std::string_view name) {
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::string ip_text(const Bytes& address) {
    char text[INET6_ADDRSTRLEN] = {};
    const int family = address.size() == 4 ? AF_INET : AF_INET6;
    if (address.size() != 4 && address.size() != 16) return {};
    return inet_ntop(family, address.data(), text, sizeof text) == nullptr ? std::string() : text;
}

Bytes address_of(const std::string& text) {
    std::array<std::uint8_t, 16> address{};
    if (inet_pton(AF_INET, text.c_str(), address.data()) == 1)
        return {address.begin(), address.begin() + 4};
    if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1)
        return {address.begin(), address.end()};
    return {};
}

bool covers_a_whole_registry(std::string_view pattern) {
    return pattern.starts_with("*.") && pattern.find('.', 2) == std::string_view::npos;
}

}  // namespace

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > 255 || looks_like_ipv4(name)) return false;
    std::size_t label = 0;
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const bool allowed =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!allowed || ++label > 63) return false;
    }
    return label != 0;
}

bool name_matches(std::string_view pattern, std::string_view name) {
    if (pattern == name) return true;
    if (!pattern.starts_with("*.")) return false;
    const std::size_t dot = name.find('.');
    return dot != 0 && dot != std::string_view::npos && name.substr(dot) == pattern.substr(1);
}

std::vector<std::string> names_in(const Certificate& leaf) {
    std::vector<std::string> names;
    for (const std::string& name : leaf.san_dns) names.push_back(lower_case(name));
    for (const Bytes& address : leaf.san_ip)
        if (std::string text = ip_text(address); !text.empty()) names.push_back(std::move(text));
    return names;
}

Result<ServerName> parse_server_name(std::string_view text) {
    ServerName name{lower_case(std::string(text)), address_of(std::string(text))};
    if (name.is_address()) return name;
    if (name.text.ends_with('.')) name.text.pop_back();
    if (!is_dns_name(name.text))
        return configuration_error("\"" + std::string(text) +
                                   "\" is neither a DNS name nor an IP address");
    return name;
}

bool is_certificate_for(const Certificate& leaf, const ServerName& name) {
    if (name.is_address())
        return std::find(leaf.san_ip.begin(), leaf.san_ip.end(), name.address) != leaf.san_ip.end();
    return std::any_of(leaf.san_dns.begin(), leaf.san_dns.end(), [&](const std::string& san) {
        return !covers_a_whole_registry(san) && name_matches(lower_case(san), name.text);
    });
}

}  // namespace postern::tls
