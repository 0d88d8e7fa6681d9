#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postern/service/store.h"

namespace postern::plugin {

// What fits in one instance's folder. The total counts what postern.fetch/1 has stored there too,
// whose bodies are up to 256 MiB.
inline constexpr std::uint64_t kMaxStoredValue = 64 * 1024 * 1024;
inline constexpr std::uint64_t kMaxStoredTotal = 1024 * 1024 * 1024;
inline constexpr std::size_t kMaxStoredKeys = 4096;

[[nodiscard]] bool is_store_key(std::string_view key);

// Makes the folder and those above it, 0700, and checks that nobody else may write there.
[[nodiscard]] postern_rc make_store_directory(const std::string& path);

[[nodiscard]] const postern_store* store_service();

}  // namespace postern::plugin
