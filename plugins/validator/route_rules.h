#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "question.h"
#include "rule.h"

namespace postern::validator {

// Finds the first of many patterns that matches without trying each: those that are whole by their
// text, the others by what stands before their first star. Keeps views of the patterns.
class PatternIndex {
public:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    void add(const Pattern& pattern, std::uint32_t place);
    // The lowest place with a pattern that matches, or kNone.
    [[nodiscard]] std::uint32_t first(std::string_view text) const;

private:
    struct Open {
        const Pattern* pattern;
        std::uint32_t place;
    };
    using Heads = std::unordered_map<std::string_view, std::vector<Open>>;

    std::unordered_map<std::string_view, std::uint32_t> exact_;
    std::map<std::size_t, Heads> open_;  // by the length of the head
};

// The rules of one identity on one route, compiled: a question costs a few lookups however many
// they are. Immutable. The rules must outlive it.
class RouteRules {
public:
    // In their order.
    explicit RouteRules(std::vector<const Rule*> rules);

    // The first rule that covers the question; null: none does, which is a no.
    [[nodiscard]] const Rule* deciding(const Question& question) const;
    // A rule looks at resources, so that they must be in their normal form.
    [[nodiscard]] bool look_at_resources() const { return look_at_resources_; }

private:
    void add(const Rule& rule, std::uint32_t place);

    std::vector<const Rule*> rules_;
    PatternIndex tools_;
    PatternIndex prompts_;
    std::array<PatternIndex, 3> resources_;          // kResourceMethods
    PatternIndex methods_;                           // of every rule that has some
    PatternIndex nameless_methods_;                  // of those that limit no names
    PatternIndex denied_methods_;                    // of those that deny
    std::uint32_t unlimited_ = PatternIndex::kNone;  // the first that covers everything
    std::uint32_t passage_ = PatternIndex::kNone;  // the first that allows anything, or denies all
    bool look_at_resources_ = false;
};

}  // namespace postern::validator
