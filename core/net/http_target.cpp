#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/authority.h"
#include "core/net/http_rules.h"

namespace postern::net {
namespace {

Error refused(std::string message) {
    return {Fault::refused, std::move(message)};
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_unreserved(char c) {
    return is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}
// RFC 3986: pchar and "/", without "%".
bool is_path_character(char c) {
    return is_unreserved(c) || std::string_view("!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}
// Wider than the grammar by what browsers and URL libraries leave as it is ("[", "|", "{", …).
bool is_query_character(char c) {
    return c > 0x20 && c < 0x7f && std::string_view("#\"<>\\").find(c) == std::string_view::npos;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The byte of the percent-encoding at `at`, or -1.
int decoded_at(std::string_view text, std::size_t at) {
    if (text.size() - at < 3) return -1;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

Result<void> check_path_characters(std::string_view path) {
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] != '%') {
            if (!is_path_character(path[at])) {
                return refused("the path has a character outside the grammar of RFC 3986");
            }
            continue;
        }
        const int byte = decoded_at(path, at);
        if (byte < 0) return refused("the path has a \"%\" without two hexadecimal digits");
        if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\' || byte == '%') {
            return refused(
                "the path has an encoded slash, backslash, percent or control character");
        }
        if (is_unreserved(static_cast<char>(byte))) {
            // RFC 3986 section 6.2.2.2: equivalent to the plain character, so /%61 is /a elsewhere.
            return refused("the path encodes a character that needs no encoding");
        }
        at += 2;
    }
    return {};
}

Result<void> check_segments(std::string_view path) {
    std::size_t start = 1;
    while (start <= path.size()) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view segment = path.substr(start, end - start);
        if (segment.empty() && end != path.size()) return refused("the path has an empty segment");
        // Some servers drop ";parameters" before they resolve dots.
        const std::string_view name = segment.substr(0, segment.find(';'));
        if (name == "." || name == "..") return refused("the path has a dot segment");
        start = end + 1;
    }
    return {};
}

}  // namespace

Result<std::string> host_of(std::string_view host_field) {
    auto authority = parse_authority(host_field);
    if (!authority) return refused("Host " + authority.error().message);
    return std::move(authority->host);
}

Result<std::string> path_of(std::string_view target) {
    if (target.empty() || target.front() != '/') {
        return refused("the target is not a path (\"/…\")");
    }
    const std::string_view path = target.substr(0, target.find('?'));
    const std::string_view query = target.substr(path.size());
    if (auto characters = check_path_characters(path); !characters) return characters.error();
    if (auto segments = check_segments(path); !segments) return segments.error();
    for (std::size_t at = 0; at < query.size(); ++at) {
        if (!is_query_character(query[at])) {
            return refused("the query has a character outside the grammar");
        }
        if (query[at] == '%' && decoded_at(query, at) < 0) {
            return refused("the query has a \"%\" without two hexadecimal digits");
        }
    }
    return std::string(path);
}

}  // namespace postern::net
