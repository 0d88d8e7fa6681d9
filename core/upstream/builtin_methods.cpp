#include "core/upstream/builtin_methods.h"

#include <utility>

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

Json result_reply(const Json& id, Json result) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

Json error_reply(const Json& id, int code, std::string_view message, Json data) {
    Json error = {{"code", code}, {"message", message}};
    if (!data.is_null()) error["data"] = std::move(data);
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}};
}

Json params_of(const Json& message) {
    const auto params = message.find("params");
    return params != message.end() && params->is_object() ? *params : Json::object();
}

Json call_tool_reply(const Json& id, const Json& params, const FactsSource& facts,
                     void (*stamp)(Json& result)) {
    const auto name = params.find("name");
    if (name == params.end()) {
        return error_reply(id, kInvalidParams, "tools/call: name must be a string");
    }
    const auto arguments = params.find("arguments");
    auto result = call_builtin_tool(name->get<std::string>(),
                                    arguments == params.end() ? Json::object() : *arguments, facts);
    if (!result) return error_reply(id, kInvalidParams, result.error().message);
    if (stamp != nullptr) stamp(*result);
    return result_reply(id, std::move(*result));
}

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace postern::upstream
