#include "core/mcp/message.h"

#include <utility>

#include "core/mcp/json_cursor.h"
#include "core/mcp/json_document.h"
#include "core/mcp/json_keys.h"
#include "core/mcp/message_reader.h"

namespace postern::mcp {
namespace {

namespace dom = simdjson::dom;

Error refused(std::string message) {
    return {Fault::refused, std::move(message)};
}

// No parser, however lax, would find a message in it.
bool is_other_json(dom::element root) {
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) return false;
    for (const auto field : object) {
        for (const std::string_view key : {"jsonrpc", "method", "result", "error"}) {
            if (folds_to(field.key, key)) return false;
        }
    }
    return true;
}

Result<Messages> read_batch(dom::array array, std::string_view text,
                            std::string_view protocol_version_header) {
    if (protocol_version_header >= kBatchesEndVersion) {
        return refused("a batch, which MCP has not had since " + std::string(kBatchesEndVersion));
    }
    Messages messages;
    messages.batch = true;
    JsonCursor elements(text);
    for (const dom::element element : array) {
        if (messages.all.size() == kMaxBatch) {
            return refused("a batch of more than " + std::to_string(kMaxBatch) + " messages");
        }
        auto message = read_message(element, elements.next());
        if (!message) return std::move(message).error();
        if (message->claims_version) {
            return refused("a batch with a message that names a protocol version");
        }
        messages.all.push_back(std::move(*message));
    }
    if (messages.all.empty()) return refused("an empty batch");
    return messages;
}

}  // namespace

Result<Messages> read_messages(std::string_view body, std::string_view protocol_version_header) {
    auto document = JsonDocument::parse(body);
    if (!document) return std::move(document).error();
    dom::array array;
    if (document->root().get(array) == simdjson::SUCCESS) {
        return read_batch(array, body, protocol_version_header);
    }
    Messages messages;
    if (is_other_json(document->root())) {
        messages.json_rpc = false;
        return messages;
    }
    auto message = read_message(document->root(), body);
    if (!message) return std::move(message).error();
    messages.all.push_back(std::move(*message));
    return messages;
}

std::string id_of_refused(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    dom::object object;
    if (!document || document->root().get(object) != simdjson::SUCCESS) return {};
    std::string id;
    bool asks = false;
    std::size_t ids = 0;
    JsonCursor values(body);
    for (const auto field : object) {
        const std::string_view raw = values.next();
        if (field.key == "method" && field.value.is_string()) asks = true;
        if (!folds_to(field.key, "id")) continue;
        ++ids;
        if (field.value.is_string() || field.value.is_number()) id = raw;
    }
    return asks && ids == 1 ? id : std::string();
}

}  // namespace postern::mcp
