// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <string_view>

namespace postern::revocation {
namespace {

constexpr const char* kNotYet = "is not supported yet in this version";

CheckMode read_mode(const sdk::Config& config) {
    const std::string mode =
        config.choice("check_mode", {"crl", "off", "ocsp_and_crl", "ocsp_or_crl", "ocsp"});
    if (mode == "off") return CheckMode::Off;
    if (mode != "crl") config.fail("check_mode", "\"" + mode + "\" " + kNotYet);
    return CheckMode::Crl;
}

// Known keys that nothing is done about yet: their default is harmless, anything else would be a
// promise that is not kept.
void refuse_what_is_not_served(const sdk::Config& config) {
    if (!config.strings("crl_urls").empty()) config.fail("crl_urls", kNotYet);
    if (!config.strings("allowed_addresses").empty()) config.fail("allowed_addresses", kNotYet);
    if (!config.string("ocsp_url", "").empty()) config.fail("ocsp_url", kNotYet);
    if (config.string("cache_path", "revocation") != "revocation") {
        config.fail("cache_path", kNotYet);
    }
    constexpr std::chrono::seconds kFetchTimeout(2);
    if (config.duration("fetch_timeout", kFetchTimeout) != kFetchTimeout) {
        config.fail("fetch_timeout", kNotYet);
    }
}

std::int64_t whole_seconds(const sdk::Config& config, std::string_view key) {
    const auto value = config.duration(key, std::chrono::nanoseconds(0));
    if (value % std::chrono::seconds(1) != std::chrono::nanoseconds(0)) {
        config.fail(key, "must be whole seconds");
    }
    return std::chrono::duration_cast<std::chrono::seconds>(value).count();
}

}  // namespace

Settings read_settings(const sdk::Config& config) {
    Settings settings;
    settings.check_mode = read_mode(config);
    settings.crl_files = config.paths("crl_files");
    settings.crl_directory = config.path("crl_directory", "");
    settings.crl_update_interval = config.duration("crl_update_interval", std::chrono::hours(1));
    if (settings.crl_update_interval < std::chrono::seconds(1)) {
        config.fail("crl_update_interval", "must be at least \"1s\"");
    }
    settings.max_stale = whole_seconds(config, "max_stale");
    settings.exempt_validity = whole_seconds(config, "exempt_validity");
    refuse_what_is_not_served(config);
    if (settings.check_mode == CheckMode::Crl && settings.crl_files.empty() &&
        settings.crl_directory.empty()) {
        config.fail(
            "check_mode = \"crl\" needs crl_files or crl_directory; \"off\" asks about nothing");
    }
    return settings;
}

// The CRLs themselves are facts that change, not policy.
void add_to_digest(const Settings& settings, sdk::Digest& digest) {
    digest.add("check_mode", settings.check_mode == CheckMode::Crl ? "crl" : "off");
    for (const std::string& path : settings.crl_files) digest.add("crl_file", path);
    digest.add("crl_directory", settings.crl_directory);
    digest.add("max_stale", settings.max_stale);
    digest.add("exempt_validity", settings.exempt_validity);
}

}  // namespace postern::revocation
