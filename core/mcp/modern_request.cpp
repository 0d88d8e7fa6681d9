#include "core/mcp/modern_request.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "core/mcp/error_body.h"
#include "core/mcp/header_value.h"

namespace postern::mcp {
namespace {

using Headers = net::HttpHeaders;

constexpr std::string_view kVersionHeader = "MCP-Protocol-Version";
// Whose Mcp-Name repeats what the body names; the last three by the tasks extension.
constexpr std::array<std::string_view, 6> kNamedMethods{
    "tools/call", "prompts/get", "resources/read", "tasks/get", "tasks/update", "tasks/cancel"};

RequestFault invalid_params(const std::string& what) {
    return {400, kInvalidParams, "Invalid params: _meta: " + what, {}};
}

RequestFault header_mismatch(const std::string& what) {
    return {
        400, kHeaderMismatch, "Bad Request: the request headers and body disagree: " + what, {}};
}

std::optional<RequestFault> check_version(std::string_view version,
                                          std::span<const std::string_view> supported) {
    if (supported.empty() ||
        std::find(supported.begin(), supported.end(), version) != supported.end()) {
        return std::nullopt;
    }
    nlohmann::ordered_json data;
    for (const std::string_view one : supported) data["supported"].push_back(one);
    data["requested"] = version;
    using Json = nlohmann::ordered_json;
    return RequestFault{400, kUnsupportedVersion,
                        "Unsupported protocol version: " + std::string(version),
                        data.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

// "Servers that process the request body MUST reject header/body mismatch."
std::optional<std::string> disagreement(const Headers& headers, const Message& message) {
    const auto version = headers.find(kVersionHeader);
    if (version && *version != message.protocol_version) {
        return "MCP-Protocol-Version is not what _meta names";
    }
    const auto method = headers.find("Mcp-Method");
    if (method && *method != message.method) return "Mcp-Method is not the method of the body";
    return std::nullopt;
}

std::optional<std::string> missing_or_wrong(const Headers& headers, const Message& message) {
    if (!headers.find(kVersionHeader)) return "MCP-Protocol-Version is missing";
    if (!headers.find("Mcp-Method")) return "Mcp-Method is missing";
    if (std::find(kNamedMethods.begin(), kNamedMethods.end(), message.method) ==
        kNamedMethods.end()) {
        return std::nullopt;
    }
    const auto name = headers.find("Mcp-Name");
    if (!name) {
        if (message.name.empty()) return std::nullopt;
        return "Mcp-Name is missing";
    }
    const auto decoded = decode_header_value(*name);
    if (!decoded) return "Mcp-Name is not valid Base64";
    if (*decoded != message.name) return "Mcp-Name is not the name in the body";
    return std::nullopt;
}

// No envelope is asked of a notification, but one that is there must hold.
std::optional<RequestFault> check_notification(const Headers& headers, const Message& message,
                                               std::span<const std::string_view> supported) {
    if (!message.claims_version) {
        const auto method = headers.find("Mcp-Method");
        if (method && *method != message.method) {
            return header_mismatch("Mcp-Method is not the method of the body");
        }
        return check_version(headers.find(kVersionHeader).value_or(""), supported);
    }
    if (message.protocol_version.empty()) return invalid_params(message.meta_fault);
    if (const auto mismatch = disagreement(headers, message)) return header_mismatch(*mismatch);
    return check_version(message.protocol_version, supported);
}

// CGI and its heirs take an underscore for a hyphen.
bool names(const net::HttpHeader& header, std::string_view name) {
    std::string plain(header.name);
    std::replace(plain.begin(), plain.end(), '_', '-');
    return net::equal_ignoring_case(plain, name);
}

}  // namespace

std::optional<RequestFault> check_header_claims(const Headers& headers, const Messages& messages) {
    if (messages.all.empty()) return std::nullopt;
    const Message* const only = messages.batch ? nullptr : &messages.all.front();
    for (const net::HttpHeader& header : headers.all()) {
        if (names(header, "Mcp-Method") && (only == nullptr || header.value != only->method)) {
            return header_mismatch("Mcp-Method is not the method of the body");
        }
        if (!names(header, "Mcp-Name")) continue;
        if (only != nullptr && only->name_kind == POSTERN_NAME_NONE) continue;
        if (only == nullptr || decode_header_value(header.value) != only->name) {
            return header_mismatch("Mcp-Name is not the name in the body");
        }
    }
    return std::nullopt;
}

std::string RequestFault::body(std::string_view id) const {
    return json_rpc_error(id, code, message, data);
}

bool is_modern(const net::HttpRequest& request, const Message& message) {
    if (message.method == "initialize") {
        return message.claims_version && message.era == POSTERN_ERA_MODERN &&
               message.meta_fault.empty();
    }
    return message.claims_version ||
           request.headers.find(kVersionHeader).value_or("") >= kFirstModernVersion;
}

std::optional<RequestFault> check_modern_request(const net::HttpRequest& request,
                                                 const Message& message,
                                                 std::span<const std::string_view> supported) {
    const Headers& headers = request.headers;
    if (message.kind == MessageKind::response) {
        return RequestFault{
            400, kInvalidRequest, "Bad Request: clients post no responses in this revision", {}};
    }
    if (message.kind == MessageKind::notification) {
        return check_notification(headers, message, supported);
    }
    if (!message.claims_version) {
        return invalid_params("io.modelcontextprotocol/protocolVersion is missing");
    }
    if (!message.meta_fault.empty()) return invalid_params(message.meta_fault);
    if (const auto mismatch = disagreement(headers, message)) return header_mismatch(*mismatch);
    if (auto fault = check_version(message.protocol_version, supported)) return fault;
    if (const auto fault = missing_or_wrong(headers, message)) return header_mismatch(*fault);
    return std::nullopt;
}

}  // namespace postern::mcp
