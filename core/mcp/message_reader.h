#pragma once

#include <string_view>

#include <simdjson.h>

#include "core/base/result.h"
#include "core/mcp/message.h"

namespace postern::mcp {

// One message of a parsed text, from a client: whatever two parsers might read differently is
// refused. `text` is that message as it stands in the text.
[[nodiscard]] Result<Message> read_message(simdjson::dom::element element, std::string_view text);

}  // namespace postern::mcp
