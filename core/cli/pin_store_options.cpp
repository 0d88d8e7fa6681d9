#include "core/cli/pin_store_options.h"

#include <optional>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/cli/printable.h"
#include "core/config/load.h"
#include "core/config/path.h"

namespace postern::cli {
namespace {

constexpr const char* kDefaultFile = "/etc/postern/posternd.toml";
constexpr const char* kDefaultStore = "pins";

struct Place {
    std::string listener;
    std::string route;  // empty: the pipeline that judges clients
    const config::PipelineEntry* entry;

    [[nodiscard]] std::string flags() const {
        return "--listener " + printable(listener) +
               (route.empty() ? "" : " --route " + printable(route));
    }
};

void add_places(std::vector<Place>& places, const std::string& listener, const std::string& route,
                const std::vector<config::PipelineEntry>& pipeline) {
    for (const auto& entry : pipeline)
        if (entry.short_name == "pinning") places.push_back({listener, route, &entry});
}

std::vector<Place> places_of(const config::Configuration& configuration) {
    std::vector<Place> places;
    for (const auto& listener : configuration.listeners) {
        add_places(places, listener.name, "", listener.pipeline);
        for (const auto& route : listener.routes)
            if (const auto* http = std::get_if<config::Http>(&route.upstream); http && http->tls)
                add_places(places, listener.name, route.name, http->tls->pipeline);
    }
    return places;
}

Result<std::string> directory_of(const Place& place, const std::string& state_directory) {
    const auto* written = place.entry->config->member("storage_path");
    if (!written) return state_directory + "/" + kDefaultStore;
    const auto text = written->as_string();
    if (!text) return configuration_error(written->error("must be a string"));
    auto path = config::absolute_path(*text, state_directory);
    if (!path) return configuration_error(written->error(path.error().message));
    return path;
}

Result<std::string> store_in(const PinStoreOptions& options, const std::string& file) {
    const auto loaded = config::load(file);
    if (!loaded.configuration)
        return configuration_error(loaded.errors.empty() ? printable(file) + ": cannot be read"
                                                         : printable(loaded.errors.front()));
    std::vector<std::string> found;
    std::string choices;
    for (const auto& place : places_of(*loaded.configuration)) {
        choices += (choices.empty() ? "" : ", or ") + place.flags();
        if (!options.listener.empty() && place.listener != options.listener) continue;
        if (place.route != options.route && !options.route.empty()) continue;
        if (options.route.empty() && !options.listener.empty() && !place.route.empty()) continue;
        auto directory = directory_of(place, loaded.configuration->state_directory);
        if (!directory) return directory.error();
        found.push_back(std::move(*directory));
    }
    if (choices.empty())
        return configuration_error(printable(file) +
                                   ": no pipeline has the plugin pinning; --store names a folder");
    if (found.empty())
        return configuration_error(printable(file) + ": no pinning there; it is at " + choices);
    for (const auto& each : found)
        if (each != found.front())
            return configuration_error(printable(file) + ": several stores; choose " + choices);
    return found.front();
}

}  // namespace

void PinStoreOptions::add_to(CLI::App& command) {
    command.add_option("--store", store, "The store's folder")->type_name("DIR");
    command
        .add_option("--config", config, "Take it from there [" + std::string(kDefaultFile) + "]")
        ->type_name("FILE");
    command.add_option("--listener", listener, "The listener whose clients it holds")
        ->type_name("NAME");
    command.add_option("--route", route, "The route whose https upstream it holds")
        ->type_name("NAME");
}

Result<PinStore> PinStoreOptions::find() const {
    if (!store.empty()) {
        if (!config.empty() || !listener.empty() || !route.empty())
            return configuration_error(
                "--store says where it is; leave out --config, --listener and --route");
        return PinStore(store);
    }
    auto directory = store_in(*this, config.empty() ? kDefaultFile : config);
    if (!directory) return directory.error();
    return PinStore(std::move(*directory));
}

}  // namespace postern::cli
