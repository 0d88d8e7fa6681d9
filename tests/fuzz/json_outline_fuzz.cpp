#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/mcp/json_identity.h"
#include "core/mcp/message_outline.h"

// Another parser finds the same values at the places told, and after they were replaced the same
// message but for them.
namespace {

using nlohmann::json;
using postern::mcp::MessageOutline;
using postern::mcp::Place;

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const json& message, std::string_view text, const MessageOutline& outline) {
    if (const auto id = outline.raw(Place::id)) {
        require(text.substr(static_cast<std::size_t>(id->data() - text.data()), id->size()) == *id);
        require(message.at("id") == json::parse(*id));
        const std::string line = outline.replace({{Place::id, "\"replaced\""}});
        require(line.find_first_of("\r\n") == std::string::npos);
        json expected = message;
        expected["id"] = "replaced";
        require(json::parse(line) == expected);
        require(postern::mcp::identity_of(*id) == postern::mcp::identity_of(std::string(*id)));
    } else {
        require(!message.contains("id"));
    }
    if (const auto params = outline.raw(Place::params)) {
        require(message.at("params") == json::parse(*params));
    }
    if (const auto token = outline.raw(Place::asked_progress_token)) {
        require(message.at("params").at("_meta").at("progressToken") == json::parse(*token));
    }
    if (const auto token = outline.raw(Place::progress_token)) {
        require(message.at("params").at("progressToken") == json::parse(*token));
    }
    if (const auto cancelled = outline.raw(Place::cancelled_id)) {
        require(message.at("params").at("requestId") == json::parse(*cancelled));
    }
    require(json::parse(outline.one_line()) == message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using postern::mcp::Sender;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto sender : {Sender::client, Sender::server}) {
        const auto outline = MessageOutline::read(text, sender);
        if (!outline) continue;
        // Numbers beyond a double are JSON, but not to this parser.
        const json message = json::parse(text, nullptr, false);
        if (!message.is_discarded()) check(message, text, *outline);
    }
    if (const auto elements = postern::mcp::batch_elements(text); elements && *elements) {
        const json batch = json::parse(text, nullptr, false);
        if (batch.is_discarded()) return 0;
        require(batch.size() == (**elements).size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            require(json::parse((**elements)[i]) == batch[i]);
        }
    }
    return 0;
}
