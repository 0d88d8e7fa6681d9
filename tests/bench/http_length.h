#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace postern::bench {

// The length of the HTTP/1.1 message at the front of `input`, head and body, once its head is
// there. Only what the two sides of a benchmark send each other: Content-Length or no body.
[[nodiscard]] std::optional<std::size_t> http_message_length(std::string_view input);

}  // namespace postern::bench
