#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "postern/call.h"

namespace postern::mcp {

inline constexpr std::string_view kFirstModernVersion = "2026-07-28";
inline constexpr std::string_view kBatchesEndVersion = "2025-06-18";
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxBatch = 100;

enum class MessageKind : std::uint8_t { request, notification, response };

// What policy needs of one JSON-RPC message, read from the body itself: headers can lie, and
// clients of the older era send none.
struct Message {
    MessageKind kind = MessageKind::request;
    std::string id;      // JSON, as sent: "7", "\"a\""; empty for a notification
    std::string method;  // empty for a response
    std::uint32_t name_kind = POSTERN_NAME_NONE;
    std::string name;  // the tool, prompt, resource or task asked for
    std::uint32_t era = POSTERN_ERA_LEGACY;
    std::string protocol_version;  // in params._meta; empty if there is none
    bool claims_version = false;   // params._meta has the key, whatever its value
    std::string meta_fault;  // of one that claims: what 2026-07-28 finds wrong with params._meta
};

struct Messages {
    bool json_rpc = true;  // false: JSON of another kind (an OAuth registration); `all` is empty
    bool batch = false;
    std::vector<Message> all;
};

// Reads one JSON-RPC message or a batch. Refused is what two parsers may read differently: a key
// twice, a key that differs from one of ours only in case, broken UTF-8, more than kMaxDepth
// levels. `protocol_version_header`: the value of MCP-Protocol-Version or empty; from
// kBatchesEndVersion on a batch is refused. The error is for the log (reason JSON_MALFORMED).
[[nodiscard]] Result<Messages> read_messages(std::string_view body,
                                             std::string_view protocol_version_header);

// The id of a request that read_messages() refuses, so that its sender can be told: as sent, or
// empty when there is none, more than one, or none of a legal kind.
[[nodiscard]] std::string id_of_refused(std::string_view body);

}  // namespace postern::mcp
