#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "postern/plugin.hpp"

namespace postern::validator {

// What an administrator may tighten. README.md has the keys.
struct Settings {
    std::int64_t minimum_rsa_bits = 2048;
    std::set<std::string> allowed_key_types;          // key_type_name()
    std::set<std::int64_t> allowed_signature_hashes;  // POSTERN_DIGEST_*
    std::int64_t max_chain_depth = 5;                 // certificates between leaf and anchor
    std::int64_t max_validity = 0;                    // seconds; 0: any
    bool require_san = false;
    bool require_purpose = true;                   // an extended key usage that names it
    std::vector<std::string> required_policies;    // one of them, all the way up; none: any
    std::vector<std::string> required_extensions;  // all of them, in the leaf
    std::int64_t clock_skew = 0;                   // seconds
};

// Leaves by sdk::Error where a value is wrong; the host has then been told which, and where.
[[nodiscard]] Settings read_settings(const sdk::Config& config);

void add_to_digest(const Settings& settings, sdk::Digest& digest);

}  // namespace postern::validator
