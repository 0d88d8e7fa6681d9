#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pattern.h"

namespace postern::validator {

using Patterns = std::vector<Pattern>;

[[nodiscard]] bool any_matches(const Patterns& patterns, std::string_view text);

// One rule: for whom, where, what. What is absent limits nothing; an empty list leaves nothing.
struct Rule {
    enum class Action : bool { deny, allow };

    std::string name;
    Action action = Action::allow;
    std::vector<std::uint32_t> who;  // lists of an IdentityIndex; one of them
    std::optional<Patterns> listeners;
    std::optional<Patterns> routes;  // names, or configured paths, which begin with a slash
    std::optional<Patterns> methods;
    std::optional<Patterns> tools;
    std::optional<Patterns> prompts;
    std::optional<Patterns> resources;

    [[nodiscard]] bool allows() const { return action == Action::allow; }
    [[nodiscard]] bool covers_listener(std::string_view listener) const;
    [[nodiscard]] bool covers_route(std::string_view route, std::string_view path) const;
    [[nodiscard]] bool covers_method(std::string_view method) const;
    [[nodiscard]] bool limits_names() const { return tools || prompts || resources; }
    [[nodiscard]] bool limits_messages() const { return methods || limits_names(); }
    // The same for the same rules but for `who`; for the policy's digest.
    [[nodiscard]] std::string text() const;
};

}  // namespace postern::validator
