#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/config/configuration.h"

namespace postern::config {

// "http://HOST[:PORT][/PATH]", or with https://, without user, query or fragment.
[[nodiscard]] Result<Url> parse_http_url(std::string_view text);

}  // namespace postern::config
