#pragma once

#include <cstddef>
#include <memory>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/net/exchange.h"

namespace postern::upstream {

// What a route leads to, for `loops` event loops. Host names in URLs are resolved here, once, until
// the next reload: may block. The error names the URL.
[[nodiscard]] Result<std::shared_ptr<net::Upstream>> make_upstream(const config::Route& route,
                                                                   std::size_t loops);

}  // namespace postern::upstream
