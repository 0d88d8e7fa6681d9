#include "core/mcp/message_outline.h"

#include <algorithm>
#include <utility>

#include "core/mcp/json_cursor.h"
#include "core/mcp/json_document.h"
#include "core/mcp/message_reader.h"

namespace postern::mcp {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kSubscriptionKey = "io.modelcontextprotocol/subscriptionId";
constexpr std::string_view kLogLevelKey = "io.modelcontextprotocol/logLevel";

Error refused(std::string message) {
    return {Fault::refused, std::move(message)};
}

struct Member {
    dom::element value;
    std::string_view raw;
};
template <std::size_t count>
using Members = std::array<std::optional<Member>, count>;

// Those members of `element` that `keys` names, in that order; none when it is no object. The text
// is walked no further than to the last of them: a result may be megabytes.
template <std::size_t count>
Result<Members<count>> members_of(dom::element element, std::string_view text,
                                  const std::array<std::string_view, count>& keys) {
    Members<count> members;
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return members;
    JsonCursor values(text);
    std::size_t passed = 0;
    std::size_t at = 0;
    for (const auto field : object) {
        const std::size_t index = at++;
        const auto* key = std::find(keys.begin(), keys.end(), field.key);
        if (key == keys.end()) continue;
        auto& member = members[static_cast<std::size_t>(key - keys.begin())];
        if (member) return refused("\"" + std::string(*key) + "\" is given twice");
        for (; passed < index; ++passed) static_cast<void>(values.next());
        member = Member{field.value, values.next()};
        ++passed;
    }
    return members;
}

void remove_line_ends(std::string& text) {
    for (const char line_end : {'\n', '\r'}) {
        for (std::size_t at = text.find(line_end); at != std::string::npos;
             at = text.find(line_end, at + 1)) {
            text[at] = ' ';
        }
    }
}

}  // namespace

// Fills an outline from the parsed text, level by level.
class OutlineReader {
public:
    explicit OutlineReader(MessageOutline& outline) : outline_(outline) {}

    Result<void> read(dom::element root, Sender sender);

private:
    using Root = Members<6>;
    Result<void> read_server_message(const Root& root);
    Result<void> read_error(const Member& error);
    Result<void> read_params(const Member& params);
    Result<void> read_result(const Member& result);
    Result<void> read_meta(const Member& meta);
    void mark(Place place, const std::optional<Member>& member);

    MessageOutline& outline_;
};

Result<void> OutlineReader::read(dom::element root, Sender sender) {
    static constexpr std::array<std::string_view, 6> kKeys{"jsonrpc", "id",     "method",
                                                           "params",  "result", "error"};
    if (!root.is_object()) return refused("a message is not an object");
    const auto members = members_of(root, outline_.text_, kKeys);
    if (!members) return members.error();
    const auto& [jsonrpc, id, method, params, result, error] = *members;
    if (sender == Sender::client) {
        auto message = read_message(root, outline_.text_);
        if (!message) return std::move(message).error();
        outline_.message_ = std::move(*message);
    } else if (auto read = read_server_message(*members); !read) {
        return read;
    }
    mark(Place::id, id);
    mark(Place::params, params);
    if (error) {
        if (auto read = read_error(*error); !read) return read;
    }
    if (result) {
        if (auto read = read_result(*result); !read) return read;
    }
    return params ? read_params(*params) : Result<void>();
}

Result<void> OutlineReader::read_server_message(const Root& root) {
    const auto& [jsonrpc, id, method, params, result, error] = root;
    Message& message = outline_.message_;
    std::string_view text;
    if (!jsonrpc || jsonrpc->value.get(text) != simdjson::SUCCESS || text != "2.0") {
        return refused("\"jsonrpc\" is not \"2.0\"");
    }
    if (id && (id->value.is_string() || id->value.is_number())) {
        message.id = id->raw;
    } else if (id && !(id->value.is_null() && error)) {
        return refused("\"id\" is neither a string nor a number");
    }
    if (!method) {
        if (result.has_value() == error.has_value()) {
            return refused("a message is neither request, notification nor response");
        }
        message.kind = MessageKind::response;
        return {};
    }
    if (result || error) {
        return refused("a message has both \"method\" and \"result\" or \"error\"");
    }
    if (method->value.get(text) != simdjson::SUCCESS || text.empty()) {
        return refused("\"method\" is not a name");
    }
    message.method = text;
    message.kind = message.id.empty() ? MessageKind::notification : MessageKind::request;
    return {};
}

Result<void> OutlineReader::read_error(const Member& error) {
    const auto members =
        members_of(error.value, error.raw, std::array<std::string_view, 1>{"code"});
    if (!members) return members.error();
    outline_.has_error_ = true;
    std::int64_t code = 0;
    if (const auto& member = members->front();
        member && member->value.get(code) == simdjson::SUCCESS) {
        outline_.error_code_ = code;
    }
    return {};
}

Result<void> OutlineReader::read_params(const Member& params) {
    static constexpr std::array<std::string_view, 4> kKeys{"_meta", "progressToken", "requestId",
                                                           "protocolVersion"};
    const auto members = members_of(params.value, params.raw, kKeys);
    if (!members) return members.error();
    const auto& [meta, progress_token, request_id, protocol_version] = *members;
    const std::string& method = outline_.message_.method;
    if (method == "notifications/progress") mark(Place::progress_token, progress_token);
    if (method == "notifications/cancelled") mark(Place::cancelled_id, request_id);
    if (method == "initialize") mark(Place::protocol_version, protocol_version);
    return meta ? read_meta(*meta) : Result<void>();
}

Result<void> OutlineReader::read_result(const Member& result) {
    static constexpr std::array<std::string_view, 2> kKeys{"_meta", "protocolVersion"};
    const auto members = members_of(result.value, result.raw, kKeys);
    if (!members) return members.error();
    const auto& [meta, protocol_version] = *members;
    mark(Place::protocol_version, protocol_version);
    return meta ? read_meta(*meta) : Result<void>();
}

Result<void> OutlineReader::read_meta(const Member& meta) {
    static constexpr std::array<std::string_view, 3> kKeys{"progressToken", kSubscriptionKey,
                                                           kLogLevelKey};
    const auto members = members_of(meta.value, meta.raw, kKeys);
    if (!members) return members.error();
    const auto& [progress_token, subscription_id, log_level] = *members;
    mark(Place::subscription_id, subscription_id);
    if (outline_.message_.kind == MessageKind::request) {
        mark(Place::asked_progress_token, progress_token);
        mark(Place::log_level, log_level);
    }
    return {};
}

void OutlineReader::mark(Place place, const std::optional<Member>& member) {
    if (!member) return;
    outline_.ranges_[static_cast<std::size_t>(place)] = {
        static_cast<std::size_t>(member->raw.data() - outline_.text_.data()), member->raw.size()};
}

Result<MessageOutline> MessageOutline::read(std::string_view json, Sender sender) {
    const auto document = JsonDocument::parse(json);
    if (!document) return document.error();
    MessageOutline outline;
    outline.text_ = json;
    if (auto read = OutlineReader(outline).read(document->root(), sender); !read) {
        return read.error();
    }
    return outline;
}

std::optional<std::string_view> MessageOutline::raw(Place place) const {
    const Range& range = ranges_[static_cast<std::size_t>(place)];
    if (range.size == 0) return std::nullopt;
    return text_.substr(range.at, range.size);
}

std::string MessageOutline::replace(std::vector<Replacement> replacements) const {
    const auto range_of = [this](const Replacement& one) {
        return ranges_[static_cast<std::size_t>(one.place)];
    };
    std::sort(replacements.begin(), replacements.end(), [&](const auto& left, const auto& right) {
        return range_of(left).at < range_of(right).at;
    });
    std::string text;
    text.reserve(text_.size() + 64);
    std::size_t at = 0;
    for (const Replacement& one : replacements) {
        const Range range = range_of(one);
        if (range.size == 0) continue;
        text.append(text_, at, range.at - at).append(one.json);
        at = range.at + range.size;
    }
    text.append(text_, at);
    remove_line_ends(text);
    return text;
}

Result<std::optional<std::vector<std::string_view>>> batch_elements(std::string_view json) {
    using Elements = std::optional<std::vector<std::string_view>>;
    const std::size_t first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || json[first] != '[') return Elements();
    const auto document = JsonDocument::parse(json);
    if (!document) return document.error();
    std::vector<std::string_view> elements;
    JsonCursor cursor(json);
    for (auto element = cursor.next(); !element.empty(); element = cursor.next()) {
        if (elements.size() == kMaxBatch) {
            return refused("a batch of more than " + std::to_string(kMaxBatch) + " messages");
        }
        elements.push_back(element);
    }
    if (elements.empty()) return refused("an empty batch");
    return Elements(std::move(elements));
}

}  // namespace postern::mcp
