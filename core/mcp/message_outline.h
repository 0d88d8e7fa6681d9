#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mcp/message.h"

namespace postern::mcp {

// The values that whoever shares a server among clients reads or rewrites.
enum class Place : std::uint8_t {
    id,
    asked_progress_token,  // of a request: params._meta.progressToken
    progress_token,        // of notifications/progress: params.progressToken
    cancelled_id,          // of notifications/cancelled: params.requestId
    subscription_id,       // _meta["io.modelcontextprotocol/subscriptionId"] of params or of result
    log_level,             // of a request: params._meta["io.modelcontextprotocol/logLevel"]
    protocol_version,      // of initialize: params.protocolVersion; of a response: of its result
    params,                // whole: to be read, not to be replaced together with what it holds
};
inline constexpr std::size_t kPlaces = 8;

// Whose message it is. From a client, whatever two parsers might read differently is refused, as
// read_messages() does. From a server, only that a key we read comes twice: the rest is between
// server and client.
enum class Sender : bool { client, server };

// One JSON-RPC message: what it says, and where in its text the values lie that may have to be
// replaced. The text is never written anew: numbers, escapes and requestState stay as they were.
class MessageOutline {
public:
    // All of `json` is checked: grammar, UTF-8, depth, one message. It must outlive the outline.
    // Responses with an id of null are taken (they answer what had no readable id).
    [[nodiscard]] static Result<MessageOutline> read(std::string_view json, Sender sender);

    [[nodiscard]] const Message& message() const { return message_; }
    [[nodiscard]] MessageKind kind() const { return message_.kind; }
    [[nodiscard]] const std::string& method() const { return message_.method; }
    [[nodiscard]] std::string_view text() const { return text_; }

    // The value as it stands in the text: "7", "\"a\"", "1e3".
    [[nodiscard]] std::optional<std::string_view> raw(Place place) const;
    [[nodiscard]] std::optional<std::int64_t> error_code() const { return error_code_; }
    [[nodiscard]] bool has_error() const { return has_error_; }  // a response; else it has a result

    struct Replacement {
        Place place;  // raw() finds it; others are ignored
        std::string_view json;
    };
    // The same bytes but for those values, and on one line: what ends a line outside of strings
    // (inside them JSON has none) becomes a space. No line feed at the end.
    [[nodiscard]] std::string replace(std::vector<Replacement> replacements) const;
    [[nodiscard]] std::string one_line() const { return replace({}); }

private:
    struct Range {
        std::size_t at = 0;
        std::size_t size = 0;  // 0: absent
    };
    friend class OutlineReader;

    std::string_view text_;
    Message message_;
    std::array<Range, kPlaces> ranges_{};
    std::optional<std::int64_t> error_code_;
    bool has_error_ = false;
};

// The elements of a batch as they stand in the text, each for MessageOutline::read(); nothing when
// `json` is not an array. Refused: more than kMaxBatch, none, what is not JSON.
[[nodiscard]] Result<std::optional<std::vector<std::string_view>>> batch_elements(
    std::string_view json);

}  // namespace postern::mcp
