#include "core/base/authority.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <arpa/inet.h>

namespace postern {
namespace {

constexpr std::size_t kMaxHostLength = 253;

Error refused(const char* message) {
    return {Fault::refused, message};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxHostLength) return false;
    if (name.starts_with('.') || name.ends_with('.')) return false;
    if (name.find("..") != std::string_view::npos) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

// Empty: it is none.
std::string canonical_ipv6(std::string_view text) {
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (text.find('\0') != std::string_view::npos ||
        ::inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1 ||
        ::inet_ntop(AF_INET6, &address, out.data(), out.size()) == nullptr) {
        return {};
    }
    return out.data();
}

bool read_port(std::string_view text, std::uint16_t& port) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && text.size() <= 5 && error == std::errc{} &&
           end == text.data() + text.size() && port != 0;
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
           });
}

}  // namespace

std::string Authority::text() const {
    std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != 0) out += ":" + std::to_string(port);
    return out;
}

Result<Authority> parse_authority(std::string_view text) {
    Authority out;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return refused("is not a host");
        out.host = canonical_ipv6(text.substr(1, close - 1));
        if (out.host.empty()) return refused("is not a host");
        rest = text.substr(close + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        std::string_view name = text.substr(0, colon);
        if (name.ends_with('.')) name.remove_suffix(1);
        if (!is_dns_name(name)) return refused("is not a host");
        out.host = lower(name);
        rest = text.substr(colon);
    }
    if (!rest.empty() && (rest.front() != ':' || !read_port(rest.substr(1), out.port))) {
        return refused("has a port that is not a port");
    }
    return out;
}

Result<Origin> parse_origin(std::string_view text) {
    const std::size_t mark = text.find("://");
    if (mark == std::string_view::npos || !is_scheme(text.substr(0, mark))) {
        return refused("is not an origin");
    }
    auto authority = parse_authority(text.substr(mark + 3));
    if (!authority) return std::move(authority).error();
    Origin out{lower(text.substr(0, mark)), std::move(*authority)};
    std::uint16_t& port = out.authority.port;
    if ((out.scheme == "https" && port == 443) || (out.scheme == "http" && port == 80)) port = 0;
    return out;
}

}  // namespace postern
