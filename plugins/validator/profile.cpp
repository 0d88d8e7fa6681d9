#include "profile.h"

#include "key_rules.h"
#include "name_rules.h"
#include "policy_rules.h"
#include "profile_rules.h"

namespace postern::validator {

namespace {

Finding judge_leaf(const Settings& settings, const Examined& leaf, Side side,
                   std::string_view expected_name) {
    if (Finding finding = check_form(leaf)) return finding;
    if (Finding finding = check_key(settings, leaf)) return finding;
    if (Finding finding = check_leaf_profile(settings, leaf, side)) return finding;
    if (Finding finding = check_names(settings, leaf, side)) return finding;
    if (side == Side::server && !expected_name.empty()) {
        return check_expected_name(leaf, expected_name);
    }
    return {};
}

Finding judge_intermediate(const Settings& settings, const Examined& intermediate) {
    if (Finding finding = check_form(intermediate)) return finding;
    if (Finding finding = check_key(settings, intermediate)) return finding;
    if (Finding finding = check_signature(settings, intermediate)) return finding;
    return check_intermediate_profile(intermediate);
}

Finding check_depth(const Settings& settings, const Examined& leaf, std::size_t between) {
    if (between <= static_cast<std::size_t>(settings.max_chain_depth)) return {};
    return leaf.refuse(POSTERN_REASON_CHAIN_TOO_DEEP,
                       "is " + std::to_string(between) + " certificates away from its anchor; " +
                           std::to_string(settings.max_chain_depth) + " are allowed");
}

}  // namespace

Finding judge(const Settings& settings, sdk::Chain chain, Path path, Side side,
              std::string_view expected_name, std::int64_t now) {
    const Examined leaf(chain, 0, Role::leaf);
    if (Finding finding = judge_leaf(settings, leaf, side, expected_name)) return finding;
    if (Finding finding = check_skew(settings, leaf, now)) return finding;
    if (path == Path::presented) return check_signature(settings, leaf);
    // A leaf that is itself an anchor is trusted for being there, not for its signature.
    if (chain.size() == 1) return {};
    if (Finding finding = check_signature(settings, leaf)) return finding;
    const std::size_t anchor = chain.size() - 1;
    if (Finding finding = check_depth(settings, leaf, anchor - 1)) return finding;
    for (std::size_t i = 1; i < anchor; ++i) {
        const Examined intermediate(chain, i, Role::intermediate);
        if (Finding finding = judge_intermediate(settings, intermediate)) return finding;
        if (Finding finding = check_skew(settings, intermediate, now)) return finding;
    }
    if (Finding finding = check_policies(settings, chain, anchor)) return finding;
    return check_key(settings, Examined(chain, anchor, Role::anchor));
}

}  // namespace postern::validator
