#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "postern/module.h"

namespace postern::plugin {

using ModuleEntry = const postern_module* (*)(std::uint32_t host_abi_version);

inline constexpr const char* kEntrySymbol = "postern_module_v1";

struct AdoptedModule {
    postern_module module{};
    std::vector<postern_descriptor> descriptors;
};

// Calls the entry and describe() and copies what they give, with everything in it checked:
// versions, counts, ids. Nothing of it has effects. The error lacks the file's name.
[[nodiscard]] Result<AdoptedModule> adopt_module(ModuleEntry entry);

// The NULL-terminated list as strings.
[[nodiscard]] std::vector<std::string> id_list(const char* const* ids);

[[nodiscard]] std::string abi_text(std::uint32_t version);  // "1.0"

}  // namespace postern::plugin
