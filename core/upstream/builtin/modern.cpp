#include "core/upstream/builtin/modern.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::upstream {
namespace {

constexpr std::array<std::string_view, 1> kSupported{mcp::kModernVersion};
constexpr std::uint64_t kListTimeToLiveMilliseconds = 300'000;

void stamp(Json& result) {
    result["resultType"] = "complete";
    result["_meta"] = {{"io.modelcontextprotocol/serverInfo", builtin_server_info()}};
}

// The lists are the same for everyone, but whoever may see them was let in by name.
void stamp_cacheable(Json& result) {
    stamp(result);
    result["ttlMs"] = kListTimeToLiveMilliseconds;
    result["cacheScope"] = "private";
}

std::string discover_reply(std::string_view id) {
    Json result = {{"supportedVersions", kSupported},
                   {"capabilities", builtin_capabilities()},
                   {"instructions", kBuiltinInstructions}};
    stamp_cacheable(result);
    return result_reply(id, result);
}

}  // namespace

BuiltinReply answer_modern(const net::HttpRequest& request, const mcp::MessageOutline& message,
                           const Json& params, const FactsSource& facts) {
    const std::string& id = message.message().id;
    if (const auto fault = mcp::check_modern_request(request, message.message(), kSupported)) {
        return refuse(*fault, id);
    }
    if (message.kind() != mcp::MessageKind::request) return {202, {}};
    if (message.method() == "server/discover") return {200, discover_reply(id)};
    if (message.method() == "tools/list") {
        return {200, list_tools_reply(id, params, stamp_cacheable)};
    }
    if (message.method() == "tools/call") return {200, call_tool_reply(id, params, facts, stamp)};
    return refuse({404, mcp::kMethodNotFound, "Method not found", {}}, id);
}

}  // namespace postern::upstream
