#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "identity.h"
#include "route_rules.h"
#include "rule.h"

namespace postern::validator {

// All rules of one reading, compiled. Immutable but for what it remembers; any thread.
class RuleSet {
public:
    using Lists = std::vector<std::uint32_t>;  // of the index, in order

    // `text` is the same for the same policy.
    RuleSet(IdentityIndex identities, std::vector<Rule> rules, std::string text)
        : identities_(std::move(identities)), rules_(std::move(rules)), text_(std::move(text)) {}
    RuleSet(const RuleSet&) = delete;
    RuleSet& operator=(const RuleSet&) = delete;

    [[nodiscard]] std::size_t size() const { return rules_.size(); }
    [[nodiscard]] const std::string& text() const { return text_; }

    // What the identity side of the rules makes of somebody; once for each connection.
    [[nodiscard]] Lists lists_of(const Peer& peer) const { return identities_.lists_of(peer); }

    // Whether there is anything on this listener that whoever is in `lists` might do.
    [[nodiscard]] bool may_come(const Lists& lists, std::string_view listener) const;

    // Callers in the same lists share them, so that many connections need them once.
    [[nodiscard]] std::shared_ptr<const RouteRules> on_route(const Lists& lists,
                                                             std::string_view listener,
                                                             std::string_view route,
                                                             std::string_view path) const;

private:
    struct Key {
        Lists lists;
        std::string listener;
        std::string route;
        bool operator<(const Key& other) const {
            return std::tie(lists, listener, route) <
                   std::tie(other.lists, other.listener, other.route);
        }
    };

    IdentityIndex identities_;
    std::vector<Rule> rules_;
    std::string text_;
    mutable std::mutex mutex_;
    mutable std::map<Key, std::shared_ptr<const RouteRules>> compiled_;
};

}  // namespace postern::validator
