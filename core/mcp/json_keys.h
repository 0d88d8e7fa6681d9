#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::mcp {

// What is wrong with the keys of one JSON object, or nothing: one that comes twice, or one that a
// parser without regard to case (as Go's) would take for one of `known`. Sorts `keys`.
[[nodiscard]] std::optional<std::string> ambiguous_key(std::vector<std::string_view>& keys,
                                                       std::span<const std::string_view> known);

// Equal under the simple case folding of Unicode; `known` is ASCII.
[[nodiscard]] bool folds_to(std::string_view key, std::string_view known);

}  // namespace postern::mcp
