#include "tests/bench/http_length.h"

#include <charconv>
#include <string_view>

#include <strings.h>

namespace postern::bench {
namespace {

constexpr std::string_view kName = "content-length:";

std::size_t content_length(std::string_view head) {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at)) {
        at += 2;
        const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
        if (line.size() < kName.size() || strncasecmp(line.data(), kName.data(), kName.size())) {
            continue;
        }
        const std::size_t digits = line.find_first_not_of(' ', kName.size());
        std::size_t length = 0;
        if (digits != line.npos) {
            std::from_chars(line.data() + digits, line.data() + line.size(), length);
        }
        return length;
    }
    return 0;
}

}  // namespace

std::optional<std::size_t> http_message_length(std::string_view input) {
    const std::size_t end = input.find("\r\n\r\n");
    if (end == input.npos) return std::nullopt;
    return end + 4 + content_length(input.substr(0, end + 2));
}

}  // namespace postern::bench
