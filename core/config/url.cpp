#include "core/config/url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <arpa/inet.h>

#include "core/base/in_quotes.h"

namespace postern::config {
namespace {

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kOverTls = "https://";

bool is_host(const std::string& host) {
    return !host.empty() && host.size() <= 253 &&
           std::all_of(host.begin(), host.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
           });
}

bool is_ipv6(const std::string& host) {
    std::array<std::uint8_t, 16> ignored{};
    return ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

bool read_port(std::string_view text, std::uint16_t& port) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

// Splits "HOST", "HOST:PORT", "[ADDRESS]" and "[ADDRESS]:PORT".
bool read_authority(std::string_view text, Url& url) {
    std::string_view port;
    url.port = url.uses_tls ? 443 : 80;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return false;
        url.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!is_ipv6(url.host)) return false;
    } else {
        const std::size_t colon = text.find(':');
        url.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
        if (!is_host(url.host)) return false;
    }
    if (port.empty()) return true;
    return port.front() == ':' && read_port(port.substr(1), url.port);
}

bool is_path(std::string_view path) {
    return std::all_of(path.begin(), path.end(), [](unsigned char c) {
        return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '"' && c != '<' && c != '>' &&
               c != '\\';
    });
}

}  // namespace

Result<Url> parse_http_url(std::string_view text) {
    const auto refuse = [&] {
        return configuration_error(in_quotes(text) +
                                   " is not such a URL: http://HOST:PORT/PATH, or https://");
    };
    Url url;
    url.uses_tls = text.starts_with(kOverTls);
    if (!url.uses_tls && !text.starts_with(kPlain)) return refuse();
    const std::string_view rest = text.substr((url.uses_tls ? kOverTls : kPlain).size());
    const std::size_t slash = rest.find('/');
    url.text = text;
    url.path = slash == std::string_view::npos ? "/" : rest.substr(slash);
    if (!read_authority(rest.substr(0, slash), url) || !is_path(url.path)) return refuse();
    return url;
}

}  // namespace postern::config
