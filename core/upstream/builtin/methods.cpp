#include "core/upstream/builtin/methods.h"

#include <utility>

#include "core/mcp/error_body.h"
#include "postern/version.h"

namespace postern::upstream {

Json builtin_server_info() {
    return {{"name", "postern"},
            {"title", "Postern"},
            {"version", std::to_string(POSTERN_VERSION_MAJOR) + "." +
                            std::to_string(POSTERN_VERSION_MINOR) + "." +
                            std::to_string(POSTERN_VERSION_PATCH)}};
}

Json builtin_capabilities() {
    return {{"tools", Json::object()}};
}

BuiltinReply refuse(const mcp::RequestFault& fault, std::string_view id) {
    return {fault.status, fault.body(id)};
}

std::string result_reply(std::string_view id, const Json& result) {
    return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":)" +
           result.dump(-1, ' ', false, Json::error_handler_t::replace) + "}";
}

Json params_of(const mcp::MessageOutline& message) {
    const auto params = message.raw(mcp::Place::params);
    return params ? Json::parse(*params, nullptr, false) : Json::object();
}

// "Invalid cursors SHOULD result in an error with code -32602": all tools are on one page, so that
// no cursor has ever been given.
std::string list_tools_reply(std::string_view id, const Json& params, Stamp stamp) {
    if (params.contains("cursor")) {
        return mcp::json_rpc_error(id, mcp::kInvalidParams, "tools/list: there is no such cursor");
    }
    Json result = {{"tools", builtin_tool_list()}};
    if (stamp != nullptr) stamp(result);
    return result_reply(id, result);
}

std::string call_tool_reply(std::string_view id, const Json& params, const FactsSource& facts,
                            Stamp stamp) {
    const auto name = params.find("name");
    if (name == params.end() || !name->is_string()) {
        return mcp::json_rpc_error(id, mcp::kInvalidParams, "tools/call: name must be a string");
    }
    const auto arguments = params.find("arguments");
    auto result = call_builtin_tool(name->get<std::string>(),
                                    arguments == params.end() ? Json::object() : *arguments, facts);
    if (!result) {
        return mcp::json_rpc_error(id, mcp::kInvalidParams, result.error().message);
    }
    if (stamp != nullptr) stamp(*result);
    return result_reply(id, *result);
}

}  // namespace postern::upstream
