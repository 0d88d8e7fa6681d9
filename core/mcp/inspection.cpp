#include "core/mcp/inspection.h"

#include <algorithm>
#include <string>
#include <utility>

namespace postern::mcp {

Result<Inspection> inspect(const net::HttpRequest& request) {
    Inspection inspection;
    const auto content_type = request.headers.find("Content-Type").value_or("");
    if (request.method != "POST" || !is_json_content_type(content_type)) {
        const bool plain = request.body.empty() && request.method != "POST";
        inspection.content = plain ? Inspection::Content::none : Inspection::Content::uninspected;
        return inspection;
    }
    if (is_compressed(request)) {
        return Error{Fault::refused, "JSON with a Content-Encoding, which is not looked into"};
    }
    auto messages =
        read_messages(request.body, request.headers.find("MCP-Protocol-Version").value_or(""));
    if (!messages) return std::move(messages).error();
    inspection.content =
        messages->json_rpc ? Inspection::Content::json_rpc : Inspection::Content::other_json;
    inspection.messages = std::move(*messages);
    return inspection;
}

bool reads_as_utf8(std::string_view content_type) {
    constexpr std::string_view kCharset = "charset";
    const auto* const at =
        std::search(content_type.begin(), content_type.end(), kCharset.begin(), kCharset.end(),
                    [](char c, char wanted) { return net::lower_case(c) == wanted; });
    if (at == content_type.end()) return true;
    const std::string_view rest(at, content_type.end());
    return net::equal_ignoring_case(rest, "charset=utf-8") ||
           net::equal_ignoring_case(rest, "charset=\"utf-8\"");
}

bool is_compressed(const net::HttpRequest& request) {
    const auto headers = request.headers.all();
    return std::any_of(headers.begin(), headers.end(), [](const net::HttpHeader& header) {
        return net::equal_ignoring_case(header.name, "Content-Encoding") &&
               !net::equal_ignoring_case(header.value, "identity");
    });
}

bool is_json_content_type(std::string_view content_type) {
    std::string_view essence = content_type.substr(0, content_type.find(';'));
    while (!essence.empty() && (essence.back() == ' ' || essence.back() == '\t')) {
        essence.remove_suffix(1);
    }
    return net::equal_ignoring_case(essence, "application/json") && reads_as_utf8(content_type);
}

}  // namespace postern::mcp
