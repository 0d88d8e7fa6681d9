#pragma once

#include <memory>

#include "postern/plugin.hpp"
#include "rule_set.h"

namespace postern::validator {

// Reads `[[rule]]` and `[group]` of a table: the plugin's own or a rule file's. Leaves by
// sdk::Error where they are wrong, or where there is no rule; the host has then been told which,
// and where.
[[nodiscard]] std::shared_ptr<const RuleSet> read_rules(const sdk::Config& table);

}  // namespace postern::validator
