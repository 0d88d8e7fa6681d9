#include "rule_set.h"

#include <algorithm>
#include <set>

namespace postern::validator {

namespace {

// Sets of callers on routes whose rules are kept compiled; beyond, each connection has its own.
constexpr std::size_t kMaxCompiled = 1024;

bool concerns(const Rule& rule, const RuleSet::Lists& lists) {
    return std::any_of(rule.who.begin(), rule.who.end(), [&lists](std::uint32_t list) {
        return std::binary_search(lists.begin(), lists.end(), list);
    });
}

std::string route_text(const Rule& rule) {
    if (!rule.routes) return "*";
    std::string out;
    for (const Pattern& pattern : *rule.routes) out += pattern.text() + "\n";
    return out;
}

}  // namespace

bool RuleSet::may_come(const Lists& lists, std::string_view listener) const {
    std::set<std::string> closed;  // routes that an earlier rule denies altogether
    for (const Rule& rule : rules_) {
        if (!rule.covers_listener(listener) || !concerns(rule, lists)) continue;
        if (rule.allows()) {
            if (closed.count(route_text(rule)) == 0) return true;
        } else if (!rule.limits_messages()) {
            if (!rule.routes) return false;
            closed.insert(route_text(rule));
        }
    }
    return false;
}

std::shared_ptr<const RouteRules> RuleSet::on_route(const Lists& lists, std::string_view listener,
                                                    std::string_view route,
                                                    std::string_view path) const {
    Key key{lists, std::string(listener), std::string(route)};
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto found = compiled_.find(key); found != compiled_.end()) return found->second;
    std::vector<const Rule*> rules;
    for (const Rule& rule : rules_) {
        if (rule.covers_listener(listener) && rule.covers_route(route, path) &&
            concerns(rule, lists)) {
            rules.push_back(&rule);
        }
    }
    auto compiled = std::make_shared<const RouteRules>(std::move(rules));
    if (compiled_.size() < kMaxCompiled) compiled_.emplace(std::move(key), compiled);
    return compiled;
}

}  // namespace postern::validator
