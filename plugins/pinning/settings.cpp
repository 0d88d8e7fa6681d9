#include "settings.h"

#include "pin.h"

namespace postern::pinning {

namespace {

PinSet read_listed(const sdk::Config& config, Match match) {
    PinSet out;
    const std::vector<std::string> pins = config.strings("pins");
    for (std::size_t i = 0; i < pins.size(); ++i) {
        try {
            out.add(fitting(parse_pin(pins[i]), match));
        } catch (const sdk::Error& error) {
            config.fail("pins", "has as entry " + std::to_string(i + 1) + ": " + error.what());
        }
    }
    out.seal();
    return out;
}

FirstUse read_first_use(const sdk::Config& config) {
    const std::string word = config.choice("first_use", {"off", "pin", "approve"});
    return word == "pin" ? FirstUse::pin : word == "approve" ? FirstUse::approve : FirstUse::off;
}

// The store service writes there, and knows where the state directory is for a key that is absent.
std::string open_store(const sdk::Config& config) {
    const sdk::Store store(config.host());
    store.open(config.has("storage_path") ? config.state_path("storage_path", "") : "pins");
    return store.directory();
}

}  // namespace

Settings read_settings(const sdk::Config& config) {
    Settings out;
    if (config.boolean("require_exact_certificate_match", false)) out.match = Match::certificate;
    out.first_use = read_first_use(config);
    out.certificate_files = config.paths("pinned_certificates");
    out.listed = read_listed(config, out.match);
    out.directory = open_store(config);
    return out;
}

}  // namespace postern::pinning
