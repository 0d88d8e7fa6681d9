#include "core/upstream/upstream.h"

#include "core/upstream/builtin.h"
#include "core/upstream/http.h"

namespace postern::upstream {

Result<std::shared_ptr<net::Upstream>> make_upstream(const config::Route& route,
                                                     std::size_t loops) {
    if (const auto* http = std::get_if<config::Http>(&route.upstream)) {
        return Http::create(*http, route.path, route.request_timeout_ns, loops);
    }
    return std::shared_ptr<net::Upstream>(std::make_shared<Builtin>());
}

}  // namespace postern::upstream
