#include "core/gate/token_binding.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <simdjson.h>

#include "core/mcp/json_document.h"
#include "core/mcp/json_keys.h"
#include "core/net/http_message.h"

namespace postern::gate {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kScheme = "Bearer";
constexpr std::string_view kThumbprint = "x5t#S256";

Error refused(std::string message) {
    return {Fault::refused, std::move(message)};
}

std::optional<unsigned> sextet(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0' + 52);
    if (c == '-') return 62U;
    if (c == '_') return 63U;
    return std::nullopt;
}

// RFC 7515 section 2: no padding, no line breaks; and one text for one value, so no bits left over.
std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto value = sextet(c);
        if (!value) return std::nullopt;
        bits = (bits << 6) | *value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>((bits >> count) & 0xff);
        bits &= (1U << count) - 1;
    }
    if (bits != 0) return std::nullopt;
    return bytes;
}

Result<std::string_view> token_of(std::string_view authorization) {
    const std::string_view scheme = authorization.substr(0, kScheme.size());
    std::string_view token = authorization.substr(scheme.size());
    if (!net::equal_ignoring_case(scheme, kScheme) || !token.starts_with(' ')) {
        return refused("Authorization is not a bearer token");
    }
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    if (token.size() > kMaxToken) return refused("the bearer token is too long to be looked into");
    return token;
}

// RFC 7515 section 7.1: three parts, of which the second says what is claimed.
Result<std::string> claims_of(std::string_view token) {
    if (std::count(token.begin(), token.end(), '.') != 2) {
        return refused("the bearer token is not a signed JWT");
    }
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first + 1);
    if (first == 0 || second + 1 == token.size()) {
        return refused("the bearer token is a JWT without header or signature");
    }
    auto claims = from_base64url(token.substr(first + 1, second - first - 1));
    if (!claims || !from_base64url(token.substr(0, first)) ||
        !from_base64url(token.substr(second + 1))) {
        return refused("the bearer token is not base64url");
    }
    return std::move(*claims);
}

// An object in which no two parsers find different things under `key`.
Result<dom::element> member(dom::element parent, std::string_view key) {
    dom::object object;
    if (parent.get(object) != simdjson::SUCCESS) return refused("a JWT's claims are no object");
    std::vector<std::string_view> keys;
    for (const auto field : object) keys.push_back(field.key);
    const std::array<std::string_view, 1> known{key};
    if (auto fault = mcp::ambiguous_key(keys, known)) return refused("in a JWT " + *fault);
    dom::element value;
    if (object.at_key(key).get(value) != simdjson::SUCCESS) {
        return refused("the bearer token has no " + std::string(key));
    }
    return value;
}

}  // namespace

Result<void> check_token_binding(std::string_view authorization, const Digest256* certificate) {
    if (certificate == nullptr) return refused("a bearer token without a client certificate");
    const auto token = token_of(authorization);
    if (!token) return token.error();
    const auto claims = claims_of(*token);
    if (!claims) return claims.error();
    const auto document = mcp::JsonDocument::parse(*claims);
    if (!document) return refused("a JWT's claims: " + document.error().message);
    const auto confirmation = member(document->root(), "cnf");
    if (!confirmation) return confirmation.error();
    const auto thumbprint = member(*confirmation, kThumbprint);
    if (!thumbprint) return thumbprint.error();
    std::string_view text;
    if (thumbprint->get(text) != simdjson::SUCCESS) return refused("x5t#S256 is not a string");
    if (from_base64url(text) != as_text(*certificate)) {
        return refused("the bearer token is bound to another certificate");
    }
    return {};
}

}  // namespace postern::gate
