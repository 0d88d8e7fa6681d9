#include "core/upstream/builtin_protocol.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/mcp/inspection.h"
#include "core/upstream/builtin_methods.h"
#include "core/upstream/builtin_modern.h"

namespace postern::upstream {
namespace {

constexpr std::array<std::string_view, 4> kLegacyVersions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                          "2024-11-05"};

BuiltinReply refuse(int status, int code, std::string_view message) {
    return {status, to_text(error_reply(Json(), code, message))};
}

// A media range of an Accept field that takes `type`, e.g. "application/json".
bool accepts(std::string_view field, std::string_view type) {
    const std::string_view any_subtype = type.substr(0, type.find('/') + 1);
    while (!field.empty()) {
        const auto comma = std::min(field.find(','), field.size());
        std::string_view range = field.substr(0, comma);
        range = range.substr(0, range.find(';'));
        range.remove_prefix(std::min(range.find_first_not_of(" \t"), range.size()));
        range = range.substr(0, range.find_last_not_of(" \t") + 1);
        if (range == "*/*" || net::equal_ignoring_case(range, type)) return true;
        if (range.size() == any_subtype.size() + 1 && range.back() == '*' &&
            net::equal_ignoring_case(range.substr(0, any_subtype.size()), any_subtype)) {
            return true;
        }
        field.remove_prefix(std::min(comma + 1, field.size()));
    }
    return false;
}

std::optional<BuiltinReply> check_http(const net::HttpRequest& request) {
    if (request.method != "POST") {
        return refuse(405, kInvalidRequest, "Method not allowed: this endpoint takes POST only");
    }
    std::string accept;
    for (const auto& header : request.headers.all()) {
        if (net::equal_ignoring_case(header.name, "Accept")) accept += header.value + ",";
    }
    if (!accepts(accept, "application/json") || !accepts(accept, "text/event-stream")) {
        return refuse(406, kInvalidRequest,
                      "Not acceptable: Accept must have application/json and text/event-stream");
    }
    if (!mcp::is_json_content_type(request.headers.find("Content-Type").value_or(""))) {
        return refuse(415, kInvalidRequest,
                      "Unsupported media type: Content-Type must be application/json");
    }
    return std::nullopt;
}

Json initialize(const Json& params) {
    const auto requested = params.value("protocolVersion", std::string());
    const bool known = std::find(kLegacyVersions.begin(), kLegacyVersions.end(), requested) !=
                       kLegacyVersions.end();
    return {{"protocolVersion", known ? requested : std::string(kLegacyVersions.front())},
            {"capabilities", builtin_capabilities()},
            {"serverInfo", builtin_server_info()},
            {"instructions", kBuiltinInstructions}};
}

// Errors of the older era's methods travel in-band.
Json answer_legacy_request(const mcp::Message& message, const Json& body,
                           const FactsSource& facts) {
    const Json& id = body.at("id");
    const Json params = params_of(body);
    if (message.method == "initialize") {
        if (!params.contains("protocolVersion") || !params["protocolVersion"].is_string()) {
            return error_reply(id, kInvalidParams, "initialize: protocolVersion must be a string");
        }
        return result_reply(id, initialize(params));
    }
    if (message.method == "ping") return result_reply(id, Json::object());
    if (message.method == "tools/list") return result_reply(id, {{"tools", builtin_tool_list()}});
    if (message.method == "tools/call") return call_tool_reply(id, params, facts, nullptr);
    return error_reply(id, kMethodNotFound, "Method not found: " + message.method);
}

BuiltinReply answer_legacy(const net::HttpRequest& request, const mcp::Messages& messages,
                           const Json& body, const FactsSource& facts) {
    const auto version = request.headers.find("MCP-Protocol-Version");
    const bool initializes = !messages.batch && messages.all.front().method == "initialize";
    if (version && !initializes &&
        std::find(kLegacyVersions.begin(), kLegacyVersions.end(), *version) ==
            kLegacyVersions.end()) {
        return refuse(400, kInvalidRequest, "Bad request: unsupported MCP-Protocol-Version");
    }
    if (initializes && version && *version >= mcp::kFirstModernVersion) {
        return {400, to_text(error_reply(body.value("id", Json()), kHeaderMismatch,
                                         "Header mismatch: initialize is not of that revision"))};
    }
    Json replies = Json::array();
    for (std::size_t i = 0; i < messages.all.size(); ++i) {
        const mcp::Message& message = messages.all[i];
        if (message.kind != mcp::MessageKind::request) continue;
        if (messages.batch && message.method == "initialize") {
            return refuse(400, kInvalidRequest, "Bad request: initialize within a batch");
        }
        replies.push_back(
            answer_legacy_request(message, messages.batch ? body.at(i) : body, facts));
    }
    if (replies.empty()) return {202, {}};
    return {200, to_text(messages.batch ? replies : replies.front())};
}

BuiltinReply answer_json(const net::HttpRequest& request, const mcp::Messages& messages,
                         const FactsSource& facts) {
    const Json body = Json::parse(request.body, nullptr, false);
    if (body.is_discarded()) return refuse(400, kParseError, "Parse error: the body is not JSON");
    if (!messages.batch && is_modern(request, messages.all.front(), body)) {
        return answer_modern(request, messages.all.front(), body, facts);
    }
    return answer_legacy(request, messages, body, facts);
}

}  // namespace

BuiltinReply answer_builtin(const net::HttpRequest& request, const FactsSource& facts) {
    if (auto refusal = check_http(request)) return std::move(*refusal);
    const auto version = request.headers.find("MCP-Protocol-Version").value_or("");
    const auto messages = mcp::read_messages(request.body, version);
    if (!messages) {
        const bool json = Json::accept(request.body);
        return refuse(400, json ? kInvalidRequest : kParseError,
                      (json ? "Invalid request: " : "Parse error: ") + messages.error().message);
    }
    if (!messages->json_rpc) return refuse(400, kInvalidRequest, "Invalid request: not JSON-RPC");
    return answer_json(request, *messages, facts);
}

}  // namespace postern::upstream
