#pragma once

#include <string_view>

namespace postern::net {

// Whether a client's field stays behind on the way to an upstream: those that speak of the client
// are the gate's to say (who forwards for whom; who holds which certificate, RFC 9440 section 4),
// those that put another path, method or user in the place of what the gate judged say it past the
// gate, and a field that only looks like one that the gate judged by ("Mcp_Session_Id") would be
// taken for it by the servers that read every mark in a name as the same one (CGI, RFC 3875
// section 4.1.18).
[[nodiscard]] bool is_reserved_field(std::string_view name);

}  // namespace postern::net
