#include "core/mcp/transport_rules.h"

#include <algorithm>
#include <string>

#include "core/mcp/inspection.h"
#include "core/mcp/json_document.h"

namespace postern::mcp {
namespace {

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// A media range: "type/subtype", "type/*" or "*/*".
bool covers(std::string_view range, std::string_view type) {
    if (range == "*/*" || net::equal_ignoring_case(range, type)) return true;
    return range.ends_with("/*") && net::equal_ignoring_case(range.substr(0, range.size() - 1),
                                                             type.substr(0, type.find('/') + 1));
}

bool field_accepts(std::string_view field, std::string_view type) {
    while (!field.empty()) {
        const std::size_t comma = std::min(field.find(','), field.size());
        const std::string_view item = field.substr(0, comma);
        if (covers(trimmed(item.substr(0, item.find(';'))), type)) return true;
        field.remove_prefix(std::min(comma + 1, field.size()));
    }
    return false;
}

}  // namespace

RequestFault method_not_allowed() {
    return {405, kServerError, "Method not allowed.", {}};
}

std::optional<RequestFault> check_content(const net::HttpRequest& request) {
    if (!is_json_content_type(request.headers.find("Content-Type").value_or(""))) {
        return RequestFault{
            415,
            kServerError,
            "Unsupported Media Type: Content-Type must be application/json, in UTF-8",
            {}};
    }
    if (is_compressed(request)) {
        return RequestFault{
            415, kServerError, "Unsupported Media Type: Content-Encoding is not supported", {}};
    }
    return std::nullopt;
}

RequestFault refused_body(std::string_view body, std::string_view why) {
    if (!JsonDocument::parse(body)) return {400, kParseError, "Parse error: Invalid JSON", {}};
    return {400, kInvalidRequest, "Invalid Request: " + std::string(why), {}};
}

bool accepts(const net::HttpRequest& request, std::string_view type) {
    const auto headers = request.headers.all();
    return std::any_of(headers.begin(), headers.end(), [type](const net::HttpHeader& header) {
        return net::equal_ignoring_case(header.name, "Accept") && field_accepts(header.value, type);
    });
}

std::optional<RequestFault> check_legacy_accept(const net::HttpRequest& request) {
    const bool stream = accepts(request, "text/event-stream");
    if (request.method != "POST") {
        if (stream) return std::nullopt;
        return RequestFault{
            406, kServerError, "Not Acceptable: Client must accept text/event-stream", {}};
    }
    if (stream && accepts(request, "application/json")) return std::nullopt;
    return RequestFault{
        406,
        kServerError,
        "Not Acceptable: Client must accept both application/json and text/event-stream",
        {}};
}

bool is_legacy_version(std::string_view version) {
    return std::find(kLegacyVersions.begin(), kLegacyVersions.end(), version) !=
           kLegacyVersions.end();
}

std::optional<RequestFault> check_legacy_version(const net::HttpRequest& request) {
    const auto version = request.headers.find("MCP-Protocol-Version");
    if (!version || is_legacy_version(*version)) return std::nullopt;
    std::string supported;
    for (const std::string_view one : kLegacyVersions) {
        supported.append(supported.empty() ? "" : ", ").append(one);
    }
    return RequestFault{400,
                        kServerError,
                        "Bad Request: Unsupported protocol version: " + std::string(*version) +
                            " (supported versions: " + supported + ")",
                        {}};
}

}  // namespace postern::mcp
