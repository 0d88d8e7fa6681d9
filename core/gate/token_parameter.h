#pragma once

#include "core/net/http_message.h"

namespace postern::gate {

// Whether a request brings a token in its query or in a form (RFC 6750 sections 2.2 and 2.3; MCP
// forbids the former), past everything that looks at its Authorization field. The parameter's name
// counts as the most lenient servers read it.
[[nodiscard]] bool has_token_parameter(const net::HttpRequest& request);

}  // namespace postern::gate
