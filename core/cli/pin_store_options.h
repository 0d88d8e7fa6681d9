#pragma once

#include <string>

#include "core/base/result.h"
#include "core/cli/pin_store.h"

namespace CLI {
class App;
}

namespace postern::cli {

// Which store: by its folder, or by the place in a configuration where the plugin pinning stands.
struct PinStoreOptions {
    std::string store;
    std::string config;
    std::string listener;
    std::string route;

    void add_to(CLI::App& command);
    [[nodiscard]] Result<PinStore> find() const;
};

}  // namespace postern::cli
