#include "settings.h"

#include "pin.h"

namespace postern::pinning {

namespace {

PinSet read_listed(const sdk::Config& config, Match match) {
    PinSet out;
    const std::vector<std::string> pins = config.strings("pins");
    if (!pins.empty() && match == Match::certificate) {
        config.fail("pins",
                    "are of public keys, and require_exact_certificate_match wants whole "
                    "certificates; list them in pinned_certificates, or set it to false");
    }
    for (std::size_t i = 0; i < pins.size(); ++i) {
        const std::optional<sdk::Sha256> digest = parse_pin(pins[i]);
        if (!digest) {
            config.fail("pins", "has \"" + pins[i] + "\" as entry " + std::to_string(i + 1) +
                                    "; a pin is " + std::string(kPinForm));
        }
        out.add_key(*digest);
    }
    out.seal();
    return out;
}

// The store service knows where the state directory is, for a key that is not there to resolve.
std::string default_directory(const sdk::Config& config) {
    const sdk::Store store(config.host());
    store.open("pins");
    return store.directory();
}

}  // namespace

Settings read_settings(const sdk::Config& config) {
    Settings out;
    if (config.boolean("require_exact_certificate_match", false)) out.match = Match::certificate;
    out.certificate_files = config.paths("pinned_certificates");
    out.listed = read_listed(config, out.match);
    out.directory = config.has("storage_path") ? config.state_path("storage_path", "")
                                               : default_directory(config);
    return out;
}

}  // namespace postern::pinning
