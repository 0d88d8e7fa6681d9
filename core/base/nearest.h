#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern {

// The candidate that a mistyped word most likely meant (edit distance with transpositions, at most
// a third of its length), or none.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 std::span<const std::string> candidates);

}  // namespace postern
