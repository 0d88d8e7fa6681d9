#include "settings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::validator {

namespace {

constexpr std::array<const char*, 7> kKeyTypes = {"ec-p256", "ec-p384", "ec-p521", "ed25519",
                                                  "ed448",   "rsa",     "rsa-pss"};
// Ed448 is sound but rare; who uses it says so.
constexpr std::array<const char*, 6> kDefaultKeyTypes = {"ec-p256", "ec-p384", "ec-p521",
                                                         "ed25519", "rsa",     "rsa-pss"};
constexpr std::array<std::pair<const char*, std::int64_t>, 3> kHashes = {
    {{"sha256", POSTERN_DIGEST_SHA256},
     {"sha384", POSTERN_DIGEST_SHA384},
     {"sha512", POSTERN_DIGEST_SHA512}}};

std::set<std::string> read_key_types(const sdk::Config& config) {
    constexpr const char* kKey = "allowed_key_types";
    if (!config.has(kKey)) return {kDefaultKeyTypes.begin(), kDefaultKeyTypes.end()};
    std::set<std::string> out;
    for (const std::string& name : config.strings(kKey)) {
        if (std::find(kKeyTypes.begin(), kKeyTypes.end(), name) == kKeyTypes.end()) {
            config.fail(kKey, "has \"" + name +
                                  "\"; known are ec-p256, ec-p384, ec-p521, ed25519, ed448, rsa "
                                  "and rsa-pss");
        }
        out.insert(name);
    }
    if (out.empty()) config.fail(kKey, "is empty, so that no certificate could pass");
    return out;
}

std::set<std::int64_t> read_hashes(const sdk::Config& config) {
    constexpr const char* kKey = "allowed_signature_hashes";
    std::set<std::int64_t> out;
    if (!config.has(kKey)) {
        for (const auto& [name, number] : kHashes) out.insert(number);
        return out;
    }
    for (const std::string& name : config.strings(kKey)) {
        const auto found = std::find_if(kHashes.begin(), kHashes.end(),
                                        [&name](const auto& hash) { return name == hash.first; });
        if (found == kHashes.end()) {
            config.fail(kKey, "has \"" + name + "\"; known are sha256, sha384 and sha512");
        }
        out.insert(found->second);
    }
    if (out.empty()) config.fail(kKey, "is empty, so that no certificate could pass");
    return out;
}

bool is_oid(const std::string& text) {
    bool digit = false;
    std::size_t dots = 0;
    for (const char c : text) {
        if (c == '.' && !digit) return false;
        dots += c == '.' ? 1u : 0u;
        digit = c >= '0' && c <= '9';
        if (!digit && c != '.') return false;
    }
    return digit && dots > 0 && text.size() <= 128;
}

std::vector<std::string> read_oids(const sdk::Config& config, const char* key) {
    if (!config.has(key)) return {};
    std::vector<std::string> out = config.strings(key);
    for (const std::string& oid : out) {
        if (!is_oid(oid)) {
            config.fail(key, "has \"" + oid + "\"; an object identifier is written \"1.2.3\"");
        }
    }
    if (out.empty() || out.size() > 64) config.fail(key, "has to name 1 to 64, or be left out");
    std::sort(out.begin(), out.end());
    return out;
}

std::int64_t read_seconds(const sdk::Config& config, const char* key) {
    const auto duration = config.duration(key, std::chrono::nanoseconds(0));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    if (seconds == 0 && duration != std::chrono::nanoseconds(0)) {
        config.fail(key, "must be at least \"1s\", or \"0s\" for none");
    }
    return seconds;
}

}  // namespace

Settings read_settings(const sdk::Config& config) {
    Settings out;
    out.minimum_rsa_bits = config.integer("minimum_rsa_bits", 2048, 2048, 16384);
    out.allowed_key_types = read_key_types(config);
    out.allowed_signature_hashes = read_hashes(config);
    out.max_chain_depth = config.integer("max_chain_depth", 5, 0, 16);
    out.max_validity = read_seconds(config, "max_validity");
    out.clock_skew = read_seconds(config, "clock_skew");
    if (out.clock_skew > 86400) config.fail("clock_skew", "is more than a day; set the clock");
    out.required_policies = read_oids(config, "required_policies");
    out.required_extensions = read_oids(config, "required_extensions");
    out.require_san = config.boolean("require_san", false);
    out.require_purpose = config.boolean("require_purpose", true);
    return out;
}

void add_to_digest(const Settings& settings, sdk::Digest& digest) {
    // The profile itself is part of the policy: a release that changes it changes this number.
    digest.add("profile", std::int64_t{2});
    digest.add("minimum_rsa_bits", settings.minimum_rsa_bits);
    for (const std::string& type : settings.allowed_key_types) digest.add("key_type", type);
    for (const std::int64_t hash : settings.allowed_signature_hashes) digest.add("hash", hash);
    digest.add("max_chain_depth", settings.max_chain_depth);
    digest.add("max_validity", settings.max_validity);
    digest.add("require_san", std::int64_t{settings.require_san ? 1 : 0});
    for (const std::string& oid : settings.required_policies) digest.add("policy", oid);
    for (const std::string& oid : settings.required_extensions) digest.add("extension", oid);
    digest.add("clock_skew", settings.clock_skew);
    digest.add("require_purpose", std::int64_t{settings.require_purpose ? 1 : 0});
}

}  // namespace postern::validator
