#include "core/upstream/upstream.h"

#include <optional>
#include <utility>

#include "core/upstream/builtin/builtin.h"
#include "core/upstream/child/launcher.h"
#include "core/upstream/http/http.h"
#include "core/upstream/stdio/stdio.h"

namespace postern::upstream {
namespace {

Result<std::shared_ptr<net::Upstream>> make_http(const std::string& listener,
                                                 const config::Route& route,
                                                 const config::Http& settings,
                                                 const UpstreamSurroundings& surroundings) {
    std::optional<Outbound> outbound;
    if (settings.tls) {
        const std::string name = outbound_name(listener, route.name);
        auto made = make_outbound(*settings.tls, name,
                                  surroundings.connections.of(name, surroundings.loops.size()),
                                  surroundings.loader, surroundings.environment);
        if (!made) return std::move(made).error();
        outbound = std::move(*made);
    }
    return Http::create(
        settings,
        {listener + "/" + route.name, route.path, route.request_timeout_ns, surroundings.loops},
        std::move(outbound));
}

}  // namespace

Result<StartChild> make_start(const config::Route& route,
                              const UpstreamSurroundings& surroundings) {
    return make_child_starter(std::get<config::Stdio>(route.upstream), surroundings.gate_files,
                              surroundings.pool, route.name);
}

Result<std::shared_ptr<net::Upstream>> make_upstream(const std::string& listener,
                                                     const config::Route& route,
                                                     const UpstreamSurroundings& surroundings) {
    if (const auto* http = std::get_if<config::Http>(&route.upstream)) {
        return make_http(listener, route, *http, surroundings);
    }
    if (const auto* stdio = std::get_if<config::Stdio>(&route.upstream)) {
        auto start = make_start(route, surroundings);
        if (!start) return std::move(start).error();
        return std::shared_ptr<net::Upstream>(std::make_shared<Stdio>(
            StdioBackend::Settings{route.name, stdio->max_children, stdio->idle_timeout_ns,
                                   route.request_timeout_ns},
            std::move(*start)));
    }
    return std::shared_ptr<net::Upstream>(std::make_shared<Builtin>());
}

}  // namespace postern::upstream
