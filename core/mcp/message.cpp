#include "core/mcp/message.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/mcp/json_document.h"
#include "core/mcp/json_keys.h"

namespace postern::mcp {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::array<std::string_view, 6> kMessageKeys{"jsonrpc", "id",     "method",
                                                       "params",  "result", "error"};
constexpr std::array<std::string_view, 4> kParamsKeys{"name", "uri", "taskId", "_meta"};
constexpr std::array<std::string_view, 1> kMetaKeys{kVersionKey};

struct NameSource {
    std::string_view method;
    std::string_view key;
    std::uint32_t kind;
};
constexpr std::array<NameSource, 9> kNameSources{{
    {"tools/call", "name", POSTERN_NAME_TOOL},
    {"prompts/get", "name", POSTERN_NAME_PROMPT},
    {"resources/read", "uri", POSTERN_NAME_RESOURCE},
    {"resources/subscribe", "uri", POSTERN_NAME_RESOURCE},
    {"resources/unsubscribe", "uri", POSTERN_NAME_RESOURCE},
    {"tasks/get", "taskId", POSTERN_NAME_TASK},
    {"tasks/update", "taskId", POSTERN_NAME_TASK},
    {"tasks/cancel", "taskId", POSTERN_NAME_TASK},
    {"tasks/result", "taskId", POSTERN_NAME_TASK},
}};

Error refused(std::string message) {
    return {Fault::refused, std::move(message)};
}

template <std::size_t count>
Result<void> check_keys(dom::object object, const std::array<std::string_view, count>& known) {
    std::vector<std::string_view> keys;
    for (const auto field : object) keys.push_back(field.key);
    if (auto fault = ambiguous_key(keys, known)) return refused(std::move(*fault));
    return {};
}

bool has(dom::object object, std::string_view key) {
    dom::element value;
    return object.at_key(key).get(value) == simdjson::SUCCESS;
}

// A string member; an absent one is empty, one of another type an error.
Result<std::string> text_member(dom::object object, std::string_view key) {
    dom::element value;
    if (object.at_key(key).get(value) != simdjson::SUCCESS) return std::string();
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
        return refused("\"" + std::string(key) + "\" is not a string");
    }
    return std::string(text);
}

// An object member; absent and null are the same.
Result<std::optional<dom::object>> object_member(dom::object object, std::string_view key) {
    dom::element value;
    if (object.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) {
        return std::optional<dom::object>();
    }
    dom::object found;
    if (value.get(found) != simdjson::SUCCESS) {
        return refused("\"" + std::string(key) + "\" is not an object");
    }
    return std::optional(found);
}

Result<std::string> read_id(dom::object object) {
    const dom::element id = object.at_key("id").value_unsafe();
    switch (id.type()) {
        case dom::element_type::INT64:
        case dom::element_type::UINT64:
        case dom::element_type::STRING:
            return simdjson::minify(id);
        default:
            return refused("\"id\" is neither a string nor a 64-bit integer");
    }
}

Result<void> read_meta(dom::object meta, Message& message) {
    if (auto keys = check_keys(meta, kMetaKeys); !keys) return keys;
    dom::element version;
    if (meta.at_key(kVersionKey).get(version) != simdjson::SUCCESS) return {};
    message.claims_version = true;
    std::string_view text;
    // A claim that names no version is for the server to refuse, as one of the newer era.
    if (version.get(text) == simdjson::SUCCESS) message.protocol_version = text;
    const bool legacy =
        !message.protocol_version.empty() && message.protocol_version < kFirstModernVersion;
    message.era = legacy ? POSTERN_ERA_LEGACY : POSTERN_ERA_MODERN;
    return {};
}

Result<void> read_params(dom::object object, Message& message) {
    auto params = object_member(object, "params");
    if (!params) return std::move(params).error();
    const auto* source =
        std::find_if(kNameSources.begin(), kNameSources.end(),
                     [&](const NameSource& one) { return one.method == message.method; });
    if (source != kNameSources.end()) message.name_kind = source->kind;
    if (!*params) return {};
    if (auto keys = check_keys(**params, kParamsKeys); !keys) return keys;

    if (source != kNameSources.end()) {
        auto name = text_member(**params, source->key);
        if (!name) return std::move(name).error();
        message.name = std::move(*name);
    }
    auto meta = object_member(**params, "_meta");
    if (!meta) return std::move(meta).error();
    return *meta ? read_meta(**meta, message) : Result<void>();
}

Result<Message> read_message(dom::element element) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return refused("a message is not an object");
    if (auto keys = check_keys(object, kMessageKeys); !keys) return keys.error();
    auto version = text_member(object, "jsonrpc");
    if (!version) return std::move(version).error();
    if (*version != "2.0") return refused("\"jsonrpc\" is not \"2.0\"");

    Message message;
    if (has(object, "id")) {
        auto id = read_id(object);
        if (!id) return std::move(id).error();
        message.id = std::move(*id);
    }
    const bool answers = has(object, "result") || has(object, "error");
    if (!has(object, "method")) {
        if (!answers) return refused("a message is neither request, notification nor response");
        message.kind = MessageKind::response;
        return message;
    }
    if (answers) return refused("a message has both \"method\" and \"result\" or \"error\"");
    auto method = text_member(object, "method");
    if (!method) return std::move(method).error();
    if (method->empty()) return refused("\"method\" is empty");
    message.method = std::move(*method);
    message.kind = message.id.empty() ? MessageKind::notification : MessageKind::request;
    if (auto params = read_params(object, message); !params) return params.error();
    return message;
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

Result<Messages> read_batch(dom::array array, std::string_view protocol_version_header) {
    if (protocol_version_header >= kBatchesEndVersion) {
        return refused("a batch, which MCP has not had since " + std::string(kBatchesEndVersion));
    }
    Messages messages;
    messages.batch = true;
    for (const dom::element element : array) {
        if (messages.all.size() == kMaxBatch) {
            return refused("a batch of more than " + std::to_string(kMaxBatch) + " messages");
        }
        auto message = read_message(element);
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
        return read_batch(array, protocol_version_header);
    }
    Messages messages;
    if (is_other_json(document->root())) {
        messages.json_rpc = false;
        return messages;
    }
    auto message = read_message(document->root());
    if (!message) return std::move(message).error();
    messages.all.push_back(std::move(*message));
    return messages;
}

}  // namespace postern::mcp
