#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/result.h"
#include "core/upstream/caller_facts.h"

namespace postern::upstream {

using Json = nlohmann::ordered_json;
using FactsSource = std::function<CallerFacts()>;  // asked only by tools that need them

[[nodiscard]] Json builtin_tool_list();

// A CallToolResult, also for arguments that the tool does not take. The error: there is no such
// tool, or `arguments` is no object.
[[nodiscard]] Result<Json> call_builtin_tool(const std::string& name, const Json& arguments,
                                             const FactsSource& facts);

}  // namespace postern::upstream
