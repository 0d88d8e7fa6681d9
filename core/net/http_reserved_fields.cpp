#include "core/net/http_reserved_fields.h"

#include <algorithm>
#include <array>

#include "core/net/http_message.h"

namespace postern::net {
namespace {

// In lower case. What the gate says of a caller itself is written in core/gate/identity_fields.cpp.
constexpr std::array<std::string_view, 3> kPrefixesOfTheGate{"x-forwarded-", "x-client-",
                                                             "x-http-method"};
constexpr std::array<std::string_view, 10> kOfTheGate{
    "forwarded",      "x-forwarded",   "x-real-ip",         "client-cert", "client-cert-chain",
    "x-original-url", "x-rewrite-url", "x-method-override", "remote-user", "x-remote-user"};
// What a server that ends TLS tells of a certificate, under prefixes of its own.
constexpr std::string_view kOfTls = "ssl-client-";
constexpr std::array<std::string_view, 8> kJudgedBy{
    "content-encoding", "content-length", "content-type",         "mcp-method",
    "mcp-name",         "mcp-session-id", "mcp-protocol-version", "transfer-encoding"};

bool is_mark(char c) {
    const char lower = lower_case(c);
    return !((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9'));
}

char folded(char c) {
    return is_mark(c) ? '-' : lower_case(c);
}

bool begins_as(std::string_view text, std::string_view name) {
    return text.size() >= name.size() &&
           std::equal(name.begin(), name.end(), text.begin(),
                      [](char wanted, char c) { return folded(c) == wanted; });
}

template <std::size_t count>
bool reads_as_one_of(std::string_view text, const std::array<std::string_view, count>& names) {
    return std::any_of(names.begin(), names.end(), [text](std::string_view name) {
        return text.size() == name.size() && begins_as(text, name);
    });
}

template <std::size_t count>
bool begins_as_one_of(std::string_view text, const std::array<std::string_view, count>& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [text](std::string_view prefix) { return begins_as(text, prefix); });
}

bool has_within(std::string_view text, std::string_view name) {
    if (text.size() < name.size()) return false;
    return std::search(text.begin(), text.end(), name.begin(), name.end(),
                       [](char c, char wanted) { return folded(c) == wanted; }) != text.end();
}

}  // namespace

bool is_reserved_field(std::string_view name) {
    const char first = name.empty() ? '\0' : lower_case(name.front());
    if ((first == 'x' || first == 'c' || first == 'f' || first == 'r') &&
        (begins_as_one_of(name, kPrefixesOfTheGate) || reads_as_one_of(name, kOfTheGate))) {
        return true;
    }
    if (has_within(name, kOfTls)) return true;
    const bool other_mark =
        std::any_of(name.begin(), name.end(), [](char c) { return c != '-' && is_mark(c); });
    return other_mark && reads_as_one_of(name, kJudgedBy);
}

}  // namespace postern::net
