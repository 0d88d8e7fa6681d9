#include "core/upstream/http/outbound.h"

#include <utility>

namespace postern::upstream {

std::vector<std::shared_ptr<ServerConnections>> OutboundConnections::of(const std::string& name,
                                                                        std::size_t loops) {
    std::erase_if(by_name_, [](const auto& one) { return one.second.front().use_count() == 1; });
    auto& connections = by_name_[name];
    while (connections.size() < loops) connections.push_back(std::make_shared<ServerConnections>());
    return connections;
}

std::string outbound_name(const std::string& listener, const std::string& route) {
    std::string name = listener + ":";
    // Plugins keep their state in a folder of this name, where a slash would be read as "_".
    for (const char c : route) {
        if (c == '/') {
            name += "%2F";
        } else if (c == '%') {
            name += "%25";
        } else {
            name += c;
        }
    }
    return name + " upstream";
}

Result<Outbound> make_outbound(const config::ClientTls& settings, std::string name,
                               std::vector<std::shared_ptr<ServerConnections>> connections,
                               plugin::Loader& loader, plugin::Environment& environment) {
    auto context = tls::ClientContext::create(settings);
    if (!context) {
        return Error{context.error().fault,
                     settings.position.text() + ": upstream: " + context.error().message};
    }
    auto pipeline =
        plugin::Pipeline::build(loader, environment, settings.pipeline, name, plugin::Role::client);
    if (!pipeline) return std::move(pipeline).error();
    return Outbound{std::move(name), std::move(*context), std::move(*pipeline),
                    std::move(connections)};
}

}  // namespace postern::upstream
