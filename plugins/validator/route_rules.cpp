#include "route_rules.h"

#include <algorithm>
#include <utility>

namespace postern::validator {

namespace {

constexpr std::array<std::string_view, 3> kResourceMethods{"resources/read", "resources/subscribe",
                                                           "resources/unsubscribe"};

void add_all(PatternIndex& index, const std::optional<Patterns>& patterns, std::uint32_t place) {
    if (!patterns) return;
    for (const Pattern& pattern : *patterns) index.add(pattern, place);
}

}  // namespace

void PatternIndex::add(const Pattern& pattern, std::uint32_t place) {
    if (pattern.exact()) {
        exact_.emplace(pattern.text(), place);  // rules come in order: the first stays
    } else {
        open_[pattern.head().size()][pattern.head()].push_back({&pattern, place});
    }
}

std::uint32_t PatternIndex::first(std::string_view text) const {
    std::uint32_t best = kNone;
    if (const auto found = exact_.find(text); found != exact_.end()) best = found->second;
    for (const auto& [length, heads] : open_) {
        if (length > text.size()) break;
        const auto found = heads.find(text.substr(0, length));
        if (found == heads.end()) continue;
        for (const Open& open : found->second) {
            if (open.place >= best) break;
            if (open.pattern->matches(text)) best = open.place;
        }
    }
    return best;
}

RouteRules::RouteRules(std::vector<const Rule*> rules) : rules_(std::move(rules)) {
    for (std::uint32_t place = 0; place < rules_.size(); ++place) add(*rules_[place], place);
}

void RouteRules::add(const Rule& rule, std::uint32_t place) {
    if (rule.covers_method("tools/call")) add_all(tools_, rule.tools, place);
    if (rule.covers_method("prompts/get")) add_all(prompts_, rule.prompts, place);
    for (std::size_t i = 0; i < kResourceMethods.size(); ++i) {
        if (rule.covers_method(kResourceMethods[i])) add_all(resources_[i], rule.resources, place);
    }
    add_all(methods_, rule.methods, place);
    if (!rule.limits_names()) add_all(nameless_methods_, rule.methods, place);
    if (!rule.allows()) add_all(denied_methods_, rule.methods, place);
    if (!rule.limits_messages()) unlimited_ = std::min(unlimited_, place);
    if (rule.allows() || !rule.limits_messages()) passage_ = std::min(passage_, place);
    look_at_resources_ = look_at_resources_ || rule.resources;
}

const Rule* RouteRules::deciding(const Question& question) const {
    std::uint32_t place = PatternIndex::kNone;
    switch (question.kind) {
        case Question::Kind::passage:
            place = std::min(passage_, denied_methods_.first(question.method));
            break;
        case Question::Kind::tool:
            place = std::min(tools_.first(question.name), nameless_methods_.first(question.method));
            break;
        case Question::Kind::prompt:
            place =
                std::min(prompts_.first(question.name), nameless_methods_.first(question.method));
            break;
        case Question::Kind::resource:
            for (std::size_t i = 0; i < kResourceMethods.size(); ++i) {
                if (question.method == kResourceMethods[i]) {
                    place = resources_[i].first(question.name);
                }
            }
            place = std::min(place, nameless_methods_.first(question.method));
            break;
        case Question::Kind::other:
            place = methods_.first(question.method);
            break;
        case Question::Kind::disguised:
            return nullptr;
    }
    place = std::min(place, unlimited_);
    return place == PatternIndex::kNone ? nullptr : rules_[place];
}

}  // namespace postern::validator
