#include "core/mcp/message_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/mcp/json_cursor.h"
#include "core/mcp/json_keys.h"

namespace postern::mcp {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::array<std::string_view, 6> kMessageKeys{"jsonrpc", "id",     "method",
                                                       "params",  "result", "error"};
constexpr std::array<std::string_view, 4> kParamsKeys{"name", "uri", "taskId", "_meta"};
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kClientInfoKey = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view kLogLevelKey = "io.modelcontextprotocol/logLevel";
constexpr std::array<std::string_view, 4> kMetaKeys{kVersionKey, kCapabilitiesKey, kClientInfoKey,
                                                    kLogLevelKey};
constexpr std::array<std::string_view, 8> kLogLevels{"debug", "info",     "notice", "warning",
                                                     "error", "critical", "alert",  "emergency"};

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

// As it stands in the text: an integer beyond 64 bits is an id too.
Result<std::string> read_id(dom::object object, std::string_view text) {
    JsonCursor values(text);
    for (const auto field : object) {
        const std::string_view raw = values.next();
        if (field.key != "id") continue;
        if (field.value.is_string() || field.value.is_number()) return std::string(raw);
        // An error that answers what had no readable id.
        if (field.value.is_null() && has(object, "error")) return std::string();
        return refused("\"id\" is neither a string nor a number");
    }
    return std::string();
}

bool is_string(dom::object object, std::string_view key) {
    dom::element value;
    return object.at_key(key).get(value) == simdjson::SUCCESS && value.is_string();
}

// The first thing that is wrong with the members of _meta that 2026-07-28 asks for.
std::string fault_in_meta(dom::object meta) {
    const auto wrong = [](std::string_view key, std::string_view how) {
        return std::string(key) + " is " + std::string(how);
    };
    dom::element value;
    dom::object object;
    if (!is_string(meta, kVersionKey)) return wrong(kVersionKey, "not a string");
    if (meta.at_key(kCapabilitiesKey).get(value) != simdjson::SUCCESS) {
        return wrong(kCapabilitiesKey, "missing");
    }
    if (!value.is_object()) return wrong(kCapabilitiesKey, "not an object");
    if (meta.at_key(kClientInfoKey).get(value) == simdjson::SUCCESS &&
        (value.get(object) != simdjson::SUCCESS || !is_string(object, "name") ||
         !is_string(object, "version"))) {
        return wrong(kClientInfoKey, "not an object with name and version");
    }
    if (meta.at_key(kLogLevelKey).get(value) == simdjson::SUCCESS) {
        std::string_view level;
        if (value.get(level) != simdjson::SUCCESS ||
            std::find(kLogLevels.begin(), kLogLevels.end(), level) == kLogLevels.end()) {
            return wrong(kLogLevelKey, "not a level");
        }
    }
    return {};
}

Result<void> read_meta(dom::object meta, Message& message) {
    if (auto keys = check_keys(meta, kMetaKeys); !keys) return keys;
    dom::element version;
    if (meta.at_key(kVersionKey).get(version) != simdjson::SUCCESS) return {};
    message.claims_version = true;
    message.meta_fault = fault_in_meta(meta);
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

}  // namespace

Result<Message> read_message(dom::element element, std::string_view text) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return refused("a message is not an object");
    if (auto keys = check_keys(object, kMessageKeys); !keys) return keys.error();
    auto version = text_member(object, "jsonrpc");
    if (!version) return std::move(version).error();
    if (*version != "2.0") return refused("\"jsonrpc\" is not \"2.0\"");

    Message message;
    auto id = read_id(object, text);
    if (!id) return std::move(id).error();
    message.id = std::move(*id);
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

}  // namespace postern::mcp
