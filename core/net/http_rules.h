#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/net/http_head.h"
#include "core/net/http_message.h"

namespace postern::net {

// How long a body is, RFC 9112 section 6.3.
struct BodyFraming {
    enum class Kind { none, length, chunked, until_close };
    Kind kind = Kind::none;
    std::uint64_t length = 0;  // of Kind::length
};

// What a gate must refuse before a byte goes upstream, over a head that the grammar let through.
// Everything here is where two servers may understand one message differently: framing, Host, the
// target, fields that may stand only once. Fills `path` and `host`. The error is for the log.
[[nodiscard]] Result<BodyFraming> check_request_head(HttpRequest& request);

enum class HasBody : bool { no = false, yes = true };

// The same for an answer. HasBody::no: the answer to HEAD.
[[nodiscard]] Result<BodyFraming> check_response_head(const ParsedResponseHead& response,
                                                      HasBody has_body);

// Whether the connection may carry another message, RFC 9112 section 9.3.
[[nodiscard]] bool wants_keep_alive(const HttpHeaders& headers, int minor_version);

// A Host field's value: lower case, without port, brackets and trailing dot.
[[nodiscard]] Result<std::string> host_of(std::string_view host_field);

// The path of a target in origin form, as sent. Refused: other forms, characters outside the
// grammar, and whatever lets one path be written in two ways, since routes are matched by prefix.
[[nodiscard]] Result<std::string> path_of(std::string_view target);

}  // namespace postern::net
