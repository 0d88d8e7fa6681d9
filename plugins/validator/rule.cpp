#include "rule.h"

#include <algorithm>

namespace postern::validator {

namespace {

void add_text(std::string& out, const char* key, const std::optional<Patterns>& patterns) {
    if (!patterns) return;
    out += key;
    for (const Pattern& pattern : *patterns) {
        out += std::to_string(pattern.text().size()) + ":" + pattern.text();
    }
    out += "\n";
}

}  // namespace

bool any_matches(const Patterns& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [text](const Pattern& pattern) { return pattern.matches(text); });
}

bool Rule::covers_listener(std::string_view listener) const {
    return !listeners || any_matches(*listeners, listener);
}

bool Rule::covers_route(std::string_view route, std::string_view path) const {
    return !routes || std::any_of(routes->begin(), routes->end(), [&](const Pattern& pattern) {
        return pattern.matches(pattern.text().front() == '/' ? path : route);
    });
}

bool Rule::covers_method(std::string_view method) const {
    return !methods || any_matches(*methods, method);
}

std::string Rule::text() const {
    std::string out = (allows() ? "allow " : "deny ") + name + "\n";
    add_text(out, "listener ", listeners);
    add_text(out, "route ", routes);
    add_text(out, "methods ", methods);
    add_text(out, "tools ", tools);
    add_text(out, "prompts ", prompts);
    add_text(out, "resources ", resources);
    return out;
}

}  // namespace postern::validator
