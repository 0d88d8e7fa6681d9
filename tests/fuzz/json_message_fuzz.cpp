#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/mcp/message.h"

// What is let through is JSON to another parser too, which finds the same method and name.
namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern::mcp;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto messages = read_messages(text, "");
    if (!messages) return 0;
    nlohmann::json json;
    try {
        json = nlohmann::json::parse(text);
    } catch (const nlohmann::json::out_of_range&) {
        return 0;  // a number beyond a double, which is JSON, but not to this parser
    } catch (const nlohmann::json::exception&) {
        std::abort();
    }
    if (!messages->json_rpc || messages->batch) return 0;
    const Message& message = messages->all.front();
    require(json.value("method", std::string()) == message.method);
    require(message.id.empty() == json.value("id", nlohmann::json()).is_null());
    if (message.name_kind == POSTERN_NAME_TOOL && json.contains("params") &&
        json["params"].is_object()) {
        require(json["params"].value("name", std::string()) == message.name);
    }
    return 0;
}
