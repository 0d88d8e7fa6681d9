#include "core/net/http_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace postern::net {
namespace {

Error refused(std::string message) {
    return {Fault::refused, std::move(message)};
}

bool is_token_listed(const HttpHeaders& headers, std::string_view name, std::string_view token) {
    for (const HttpHeader header : headers.all()) {
        if (!equal_ignoring_case(header.name, name)) continue;
        std::string_view list = header.value;
        while (!list.empty()) {
            const auto comma = std::min(list.find(','), list.size());
            std::string_view item = list.substr(0, comma);
            item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
            item = item.substr(0, item.find_last_not_of(" \t") + 1);
            if (equal_ignoring_case(item, token)) return true;
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    }
    return false;
}

// Digits and nothing else: no sign, no list of equal values.
Result<std::uint64_t> parse_content_length(std::string_view text) {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || text.front() == '-' || error != std::errc{} ||
        end != text.data() + text.size()) {
        return refused("Content-Length is not one decimal number");
    }
    return length;
}

// RFC 9112 section 6.1; only the coding that every recipient reads alike is taken.
Result<std::optional<BodyFraming>> explicit_framing(const HttpHeaders& headers, int minor_version) {
    std::optional<std::string_view> given_length;
    std::optional<std::string_view> coding;
    for (const HttpHeader header : headers.all()) {
        if (equal_ignoring_case(header.name, "Content-Length")) {
            if (given_length) return refused("Content-Length is given more than once");
            given_length = header.value;
        } else if (equal_ignoring_case(header.name, "Transfer-Encoding")) {
            if (coding) return refused("Transfer-Encoding is given more than once");
            coding = header.value;
        }
    }
    if (given_length && coding) {
        return refused("both Content-Length and Transfer-Encoding are given");
    }
    if (coding) {
        if (minor_version < 1) return refused("Transfer-Encoding in an HTTP/1.0 message");
        if (!equal_ignoring_case(*coding, "chunked")) {
            return refused("Transfer-Encoding is not exactly \"chunked\"");
        }
        return std::optional(BodyFraming{BodyFraming::Kind::chunked, 0});
    }
    if (given_length) {
        auto length = parse_content_length(*given_length);
        if (!length) return std::move(length).error();
        return std::optional(BodyFraming{BodyFraming::Kind::length, *length});
    }
    return std::optional<BodyFraming>();
}

Result<void> check_single_fields(const HttpHeaders& headers) {
    // Who reads the first and who reads the last of two would see different requests.
    constexpr std::array<std::string_view, 9> kSingle{
        "Host",           "Content-Type",         "Origin",     "Authorization", "Expect",
        "Mcp-Session-Id", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"};
    std::array<bool, kSingle.size()> seen{};
    bool has_connection = false;
    for (const HttpHeader header : headers.all()) {
        has_connection = has_connection || equal_ignoring_case(header.name, "Connection");
        for (std::size_t i = 0; i < kSingle.size(); ++i) {
            if (!equal_ignoring_case(header.name, kSingle[i])) continue;
            if (seen[i]) return refused(std::string(kSingle[i]) + " is given more than once");
            seen[i] = true;
        }
    }
    if (!has_connection) return {};
    for (const auto name : kSingle) {
        // Taken off on the way, after it was judged by.
        if (is_token_listed(headers, "Connection", name)) {
            return refused("Connection names " + std::string(name) + ", which is end to end");
        }
    }
    return {};
}

}  // namespace

Result<BodyFraming> check_request_head(HttpRequest& request) {
    if (request.method == "CONNECT" || request.method == "TRACE") {
        return refused("the method " + request.method + " is not served");
    }
    if (auto single = check_single_fields(request.headers); !single) return single.error();

    const auto host_field = request.headers.find("Host");
    if (!host_field) return refused("no Host is given");
    auto host = host_of(*host_field);
    if (!host) return std::move(host).error();
    auto path = path_of(request.target);
    if (!path) return std::move(path).error();

    auto framing = explicit_framing(request.headers, request.minor_version);
    if (!framing) return std::move(framing).error();
    request.host = std::move(*host);
    request.path = std::move(*path);
    return framing->value_or(BodyFraming{});
}

Result<BodyFraming> check_response_head(const ParsedResponseHead& response, HasBody has_body) {
    auto framing = explicit_framing(response.head.headers, response.minor_version);
    if (!framing) return std::move(framing).error();
    const int status = response.head.status;
    if (has_body == HasBody::no || status < 200 || status == 204 || status == 304) {
        return BodyFraming{};
    }
    return framing->value_or(BodyFraming{BodyFraming::Kind::until_close, 0});
}

bool wants_keep_alive(const HttpHeaders& headers, int minor_version) {
    if (is_token_listed(headers, "Connection", "close")) return false;
    return minor_version >= 1 || is_token_listed(headers, "Connection", "keep-alive");
}

}  // namespace postern::net
