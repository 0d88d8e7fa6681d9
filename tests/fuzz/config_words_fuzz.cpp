#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/nearest.h"
#include "core/base/units.h"
#include "core/config/path.h"
#include "core/config/url.h"

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

// The small parsers of single values: durations, sizes, URLs, paths, mistyped words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    if (const Result<std::uint64_t> value = parse_duration_ns(text)) {
        check(parse_duration_ns(format_duration(*value)).value() == *value);
    }
    if (const Result<std::uint64_t> value = parse_size(text)) {
        check(parse_size(format_size(*value)).value() == *value);
    }
    if (const Result<config::Url> url = config::parse_http_url(text)) {
        check(!url->host.empty() && url->port != 0 && url->path.starts_with('/'));
    }
    if (const Result<std::string> path = config::absolute_path(text, "/etc/postern")) {
        check(path->starts_with('/') && path->find('\0') == std::string::npos);
    }
    const std::array<std::string, 3> words{"certificate", std::string(text), "port"};
    const std::optional<std::string> meant = nearest(text, words);
    check(!meant || !meant->empty());
    return 0;
}
