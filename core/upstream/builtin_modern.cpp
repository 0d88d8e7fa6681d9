#include "core/upstream/builtin_modern.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/mcp/header_value.h"
#include "core/upstream/builtin_methods.h"

namespace postern::upstream {
namespace {

constexpr const char* kSupportedVersion = "2026-07-28";
constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr const char* kServerInfoKey = "io.modelcontextprotocol/serverInfo";
constexpr std::uint64_t kListTimeToLiveMilliseconds = 300'000;

Json id_of(const Json& body) {
    return body.contains("id") ? body["id"] : Json();
}

BuiltinReply refuse(int status, const Json& body, int code, const std::string& message,
                    Json data = Json()) {
    return {status, to_text(error_reply(id_of(body), code, message, std::move(data)))};
}

Json meta_of(const Json& body) {
    const Json params = params_of(body);
    const auto meta = params.find("_meta");
    return meta != params.end() && meta->is_object() ? *meta : Json::object();
}

// The first thing that is wrong with the members of _meta that every request must have.
std::optional<std::string> fault_in_meta(const Json& meta) {
    if (!meta.contains(kVersionKey)) return std::string(kVersionKey) + " is missing";
    if (!meta[kVersionKey].is_string()) return std::string(kVersionKey) + " is not a string";
    if (!meta.contains(kCapabilitiesKey)) return std::string(kCapabilitiesKey) + " is missing";
    if (!meta[kCapabilitiesKey].is_object()) {
        return std::string(kCapabilitiesKey) + " is not an object";
    }
    return std::nullopt;
}

// "Servers that process the request body MUST reject header/body mismatch."
std::optional<std::string> disagreement(const net::HttpRequest& request,
                                        const mcp::Message& message) {
    const auto version = request.headers.find("MCP-Protocol-Version");
    const auto method = request.headers.find("Mcp-Method");
    if (version && *version != message.protocol_version) {
        return "MCP-Protocol-Version differs from " + std::string(kVersionKey);
    }
    if (method && *method != message.method)
        return "Mcp-Method differs from the method in the body";
    return std::nullopt;
}

std::optional<std::string> missing_or_wrong_header(const net::HttpRequest& request,
                                                   const mcp::Message& message) {
    if (!request.headers.find("MCP-Protocol-Version")) return "MCP-Protocol-Version is missing";
    if (!request.headers.find("Mcp-Method")) return "Mcp-Method is missing";
    if (message.name_kind == POSTERN_NAME_NONE) return std::nullopt;
    const auto name = request.headers.find("Mcp-Name");
    if (!name) {
        if (message.name.empty()) return std::nullopt;
        return "Mcp-Name is missing";
    }
    const auto decoded = mcp::decode_header_value(*name);
    if (!decoded) return "Mcp-Name is not valid Base64";
    if (*decoded != message.name) return "Mcp-Name differs from the name in the body";
    return std::nullopt;
}

void stamp(Json& result) {
    result["resultType"] = "complete";
    result["_meta"] = {{kServerInfoKey, builtin_server_info()}};
}

// The lists are the same for everyone, but whoever may see them was let in by name.
void stamp_cacheable(Json& result) {
    stamp(result);
    result["ttlMs"] = kListTimeToLiveMilliseconds;
    result["cacheScope"] = "private";
}

BuiltinReply dispatch(const mcp::Message& message, const Json& body, const FactsSource& facts) {
    const Json id = id_of(body);
    Json result;
    if (message.method == "server/discover") {
        result = {{"supportedVersions", Json::array({kSupportedVersion})},
                  {"capabilities", builtin_capabilities()},
                  {"instructions", kBuiltinInstructions}};
    } else if (message.method == "tools/list") {
        result = {{"tools", builtin_tool_list()}};
    } else if (message.method == "tools/call") {
        return {200, to_text(call_tool_reply(id, params_of(body), facts, stamp))};
    } else {
        return refuse(404, body, kMethodNotFound, "Method not found: " + message.method);
    }
    stamp_cacheable(result);
    return {200, to_text(result_reply(id, std::move(result)))};
}

}  // namespace

bool is_modern(const net::HttpRequest& request, const mcp::Message& message, const Json& body) {
    if (message.method == "initialize") {
        return message.claims_version && message.era == POSTERN_ERA_MODERN &&
               !fault_in_meta(meta_of(body));
    }
    const auto header = request.headers.find("MCP-Protocol-Version").value_or("");
    return message.claims_version || header >= mcp::kFirstModernVersion;
}

BuiltinReply answer_modern(const net::HttpRequest& request, const mcp::Message& message,
                           const Json& body, const FactsSource& facts) {
    if (message.kind == mcp::MessageKind::response) {
        return refuse(400, Json::object(), kInvalidRequest, "Invalid request: a posted response");
    }
    if (message.kind == mcp::MessageKind::notification && !message.claims_version) {
        const auto method = request.headers.find("Mcp-Method");
        if (!method || *method == message.method) return {202, {}};
        return refuse(400, body, kHeaderMismatch,
                      "Header mismatch: Mcp-Method differs from the body");
    }
    if (message.kind == mcp::MessageKind::request) {
        if (const auto fault = fault_in_meta(meta_of(body))) {
            return refuse(400, body, kInvalidParams, "Invalid params: _meta: " + *fault);
        }
    } else if (message.protocol_version.empty()) {
        return refuse(400, body, kInvalidParams,
                      "Invalid params: _meta: " + std::string(kVersionKey) + " is not a string");
    }
    if (const auto mismatch = disagreement(request, message)) {
        return refuse(400, body, kHeaderMismatch, "Header mismatch: " + *mismatch);
    }
    if (message.protocol_version != kSupportedVersion) {
        return refuse(400, body, kUnsupportedVersion, "Unsupported protocol version",
                      {{"supported", Json::array({kSupportedVersion})},
                       {"requested", message.protocol_version}});
    }
    if (message.kind == mcp::MessageKind::notification) return {202, {}};
    if (const auto fault = missing_or_wrong_header(request, message)) {
        return refuse(400, body, kHeaderMismatch, "Header mismatch: " + *fault);
    }
    return dispatch(message, body, facts);
}

}  // namespace postern::upstream
