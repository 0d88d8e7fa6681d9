#pragma once

#include <string>
#include <string_view>

#include "postern/plugin.hpp"

namespace postern::pinning {

// Whom a pin may be for: of a client what the host takes for its identity (its URIs, else its DNS
// names, its e-mail addresses, its whole subject: "uri:spiffe://example/a", "dn:CN=MCP Server"), of
// a server the name it was called by ("host:mcp.example"), whatever its certificate says. Empty: it
// has no name that could be remembered.
[[nodiscard]] std::string name_of_client(const sdk::Certificate& leaf);
[[nodiscard]] std::string name_of_server(std::string_view hostname);

}  // namespace postern::pinning
