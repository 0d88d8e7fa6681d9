#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/net/http_message.h"
#include "core/net/http_rules.h"

namespace postern::net {

// What changes in a request on its way to an upstream.
struct RequestRewrite {
    std::string_view target;           // origin form
    std::string_view host;             // of the upstream, with the port if it is not 80
    std::string_view forwarded_for;    // the client's address; empty: not an address (unix socket)
    std::string_view forwarded_host;   // the Host that the client sent
    std::string_view forwarded_proto;  // "https", "http"
};

// The head of a request to an upstream, always with the body's length. Written from the parsed
// message; what a client says of who forwarded for whom, or of a certificate, is left out.
[[nodiscard]] Result<std::string> write_request_head(const HttpRequest& request,
                                                     const RequestRewrite& rewrite);

enum class KeepAlive : bool { no = false, yes = true };

// How an answer's body is told from what follows it.
struct ResponseFraming {
    BodyFraming body;
    // The answer to HEAD announces what it does not send.
    std::optional<std::uint64_t> announced_length;
    KeepAlive keep_alive = KeepAlive::no;
};

// `length`: the body's size, when known. Answers to HEAD, 204 and 304 have none: body.kind is none
// and nothing may be sent after the head.
[[nodiscard]] ResponseFraming choose_response_framing(std::string_view request_method,
                                                      int request_minor_version, int status,
                                                      std::optional<std::uint64_t> length,
                                                      KeepAlive keep_alive);

// Appends to `out`, or leaves it as it was: the error names a field that would break the head apart
// (CR, LF, NUL, not a token).
[[nodiscard]] Result<void> write_response_head(const HttpResponseHead& head,
                                               const ResponseFraming& framing, std::string& out);

// A chunk is chunk_start(size), the data (never empty), kChunkEnd; the body ends with kLastChunk.
[[nodiscard]] std::string chunk_start(std::size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace postern::net
