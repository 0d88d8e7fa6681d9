#include "core/upstream/builtin/protocol.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mcp/error_body.h"
#include "core/mcp/json_identity.h"
#include "core/mcp/transport_rules.h"
#include "core/upstream/builtin/modern.h"

namespace postern::upstream {
namespace {

using mcp::MessageKind;
using mcp::MessageOutline;

mcp::RequestFault invalid_request(const std::string& what) {
    return {400, mcp::kInvalidRequest, "Invalid Request: " + what, {}};
}

BuiltinReply refuse_body(const net::HttpRequest& request, const Error& why) {
    return refuse(mcp::refused_body(request.body, why.message), mcp::id_of_refused(request.body));
}

// What MCP's schema forbids, though JSON-RPC need not care: the gate lets it pass to other servers.
std::optional<mcp::RequestFault> check_schema(const MessageOutline& message, const Json& params) {
    const std::string& id = message.message().id;
    if (!id.empty() && id.front() != '"' && !mcp::is_integer(id)) {
        return invalid_request("\"id\" is neither a string nor an integer");
    }
    if (params.is_discarded()) return invalid_request("a number is beyond what this server reads");
    if (!params.is_object()) return invalid_request("\"params\" is not an object");
    if (const auto meta = params.find("_meta"); meta != params.end() && !meta->is_object()) {
        return invalid_request("\"_meta\" is not an object");
    }
    return std::nullopt;
}

bool is_string(const Json& object, const char* key) {
    const auto member = object.find(key);
    return member != object.end() && member->is_string();
}

bool is_object(const Json& object, const char* key) {
    const auto member = object.find(key);
    return member != object.end() && member->is_object();
}

std::string initialize_reply(std::string_view id, const Json& params) {
    if (!is_string(params, "protocolVersion") || !is_object(params, "capabilities") ||
        !is_object(params, "clientInfo") || !is_string(params["clientInfo"], "name") ||
        !is_string(params["clientInfo"], "version")) {
        return mcp::json_rpc_error(id, mcp::kInvalidParams,
                                   "initialize: protocolVersion, capabilities and clientInfo with "
                                   "name and version are needed");
    }
    const auto requested = params["protocolVersion"].get<std::string>();
    const std::string_view version =
        mcp::is_legacy_version(requested) ? requested : mcp::kLegacyVersions.front();
    return result_reply(id, {{"protocolVersion", version},
                             {"capabilities", builtin_capabilities()},
                             {"serverInfo", builtin_server_info()},
                             {"instructions", kBuiltinInstructions}});
}

// Errors of the older era's methods travel in-band.
std::string legacy_reply(const MessageOutline& message, const Json& params,
                         const FactsSource& facts) {
    const std::string& id = message.message().id;
    const std::string& method = message.method();
    if (method == "initialize") return initialize_reply(id, params);
    if (method == "ping") return result_reply(id, Json::object());
    if (method == "tools/list") return list_tools_reply(id, params, nullptr);
    if (method == "tools/call") return call_tool_reply(id, params, facts, nullptr);
    return mcp::json_rpc_error(id, mcp::kMethodNotFound, "Method not found");
}

BuiltinReply answer_legacy(const net::HttpRequest& request, const MessageOutline& message,
                           const Json& params, const FactsSource& facts) {
    const std::string& id = message.message().id;
    if (const auto fault = mcp::check_legacy_accept(request)) return refuse(*fault, id);
    if (message.method() != "initialize") {
        if (const auto fault = mcp::check_legacy_version(request)) return refuse(*fault, id);
    } else if (request.headers.find("MCP-Protocol-Version").value_or("") >=
               mcp::kFirstModernVersion) {
        return refuse({400,
                       mcp::kHeaderMismatch,
                       "Bad Request: the request headers and body disagree: the revision that "
                       "MCP-Protocol-Version names has no initialize",
                       {}},
                      id);
    }
    if (message.kind() != MessageKind::request) return {202, {}};
    return {200, legacy_reply(message, params, facts)};
}

BuiltinReply answer_message(const net::HttpRequest& request, const FactsSource& facts) {
    const auto message = MessageOutline::read(request.body, mcp::Sender::client);
    if (!message) return refuse_body(request, message.error());
    const Json params = params_of(*message);
    if (const auto fault = check_schema(*message, params)) {
        return refuse(*fault, message->message().id);
    }
    if (mcp::is_modern(request, message->message())) {
        return answer_modern(request, *message, params, facts);
    }
    return answer_legacy(request, *message, params, facts);
}

// Of 2025-03-26 and before. Refused as a whole or answered as a whole.
BuiltinReply answer_batch(const net::HttpRequest& request,
                          const std::vector<std::string_view>& elements, const FactsSource& facts) {
    if (const auto fault = mcp::check_legacy_accept(request)) return refuse(*fault, {});
    if (const auto fault = mcp::check_legacy_version(request)) return refuse(*fault, {});
    const auto checked =
        mcp::read_messages(request.body, request.headers.find("MCP-Protocol-Version").value_or(""));
    if (!checked) return refuse(invalid_request(checked.error().message), {});
    std::string replies;
    for (const std::string_view element : elements) {
        const auto message = MessageOutline::read(element, mcp::Sender::client);
        if (!message) return refuse(invalid_request(message.error().message), {});
        const Json params = params_of(*message);
        if (const auto fault = check_schema(*message, params)) return refuse(*fault, {});
        if (message->method() == "initialize") {
            return refuse(invalid_request("initialize within a batch"), {});
        }
        if (message->kind() != MessageKind::request) continue;
        replies.append(replies.empty() ? "[" : ",").append(legacy_reply(*message, params, facts));
    }
    if (replies.empty()) return {202, {}};
    return {200, replies + "]"};
}

}  // namespace

BuiltinReply answer_builtin(const net::HttpRequest& request, const FactsSource& facts) {
    if (request.method != "POST") return refuse(mcp::method_not_allowed(), {});
    if (const auto fault = mcp::check_content(request)) return refuse(*fault, {});
    const auto elements = mcp::batch_elements(request.body);
    if (!elements) return refuse_body(request, elements.error());
    if (*elements) return answer_batch(request, **elements, facts);
    return answer_message(request, facts);
}

}  // namespace postern::upstream
