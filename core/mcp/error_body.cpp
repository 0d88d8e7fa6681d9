#include "core/mcp/error_body.h"

#include <nlohmann/json.hpp>

namespace postern::mcp {

std::string json_rpc_error(std::string_view id, int code, std::string_view message,
                           std::string_view data) {
    const auto text = nlohmann::json(std::string(message))
                          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string body = R"({"jsonrpc":"2.0","id":)" + std::string(id.empty() ? "null" : id) +
                       R"(,"error":{"code":)" + std::to_string(code) + R"(,"message":)" + text;
    if (!data.empty()) body.append(R"(,"data":)").append(data);
    return body + "}}";
}

}  // namespace postern::mcp
