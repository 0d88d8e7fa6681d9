#pragma once

#include <string>
#include <string_view>

namespace postern::config {

// A path as the most lenient server reads it: decoded, in lower case, each segment without
// ";parameters" and without dots and blanks at its end, no segment empty. Two paths that fold to
// one may be the same to a server, whatever the gate thinks. Empty: a segment is "." or ".." to
// such a server.
[[nodiscard]] std::string folded_path(std::string_view path);

}  // namespace postern::config
