#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/config/document.h"

namespace postern::config {

// How deep tables and arrays may lie in one another.
inline constexpr std::size_t kDeepest = 32;

// The one place that knows toml++. `file` is for positions only. The error is one line with
// FILE:LINE:COLUMN.
[[nodiscard]] Result<Document> parse_toml(std::string_view text, const std::string& file);

}  // namespace postern::config
