#include "core/net/http_message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::net {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool lists(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        if (equal_ignoring_case(trimmed(list.substr(0, comma)), name)) return true;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

}  // namespace

HttpHeaders::HttpHeaders(std::string text, std::vector<Place> places)
    : text_(std::move(text)), places_(std::move(places)) {}

void HttpHeaders::add(std::string_view name, std::string_view value) {
    const auto at = static_cast<std::uint32_t>(text_.size());
    const auto name_size = static_cast<std::uint32_t>(name.size());
    places_.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void HttpHeaders::remove(std::string_view name) {
    remove_if([name](const HttpHeader& header) { return equal_ignoring_case(header.name, name); });
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
    for (const Place& place : places_) {
        if (place.name_size != name.size()) continue;
        const HttpHeader header = at(place);
        if (equal_ignoring_case(header.name, name)) return header.value;
    }
    return std::nullopt;
}

std::string connection_options(const HttpHeaders& headers) {
    std::string options;
    for (const HttpHeader header : headers.all()) {
        if (!equal_ignoring_case(header.name, "Connection")) continue;
        if (!options.empty()) options += ',';
        options += header.value;
    }
    return options;
}

bool is_hop_by_hop(std::string_view name, std::string_view connection) {
    constexpr std::array<std::string_view, 6> kAlways{"connection", "keep-alive",        "te",
                                                      "trailer",    "transfer-encoding", "upgrade"};
    return std::any_of(kAlways.begin(), kAlways.end(),
                       [name](auto always) { return equal_ignoring_case(name, always); }) ||
           starts_with_ignoring_case(name, "proxy-") ||
           (!connection.empty() && lists(connection, name));
}

std::string_view usual_reason_phrase(int status) {
    struct Row {
        int status;
        std::string_view phrase;
    };
    constexpr std::array<Row, 37> kRows{{
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    }};
    const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                   [status](const Row& r) { return r.status == status; });
    return row == kRows.end() ? std::string_view("Status") : row->phrase;
}

}  // namespace postern::net
