#pragma once

#include <string_view>

#include "finding.h"
#include "settings.h"

namespace postern::validator {

// The chain the host built, leaf to anchor, or only what the peer sent.
enum class Path { verified, presented };

// The whole profile over a chain of at least one certificate; the first objection, leaf first.
// Of a presented path the leaf alone is looked at: nothing says that the rest belongs to it.
// `expected_name` is empty where none is expected. Any thread.
[[nodiscard]] Finding judge(const Settings& settings, sdk::Chain chain, Path path, Side side,
                            std::string_view expected_name, std::int64_t now);

}  // namespace postern::validator
