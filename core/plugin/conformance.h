#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace postern::plugin {

struct Finding {
    bool passed = false;
    std::string check;   // what was looked at: "exported symbols"
    std::string detail;  // what was found, or what is wrong
};

// Looks at a shared object as a stranger's: the file first, then its entry, called in a child
// process whose threads and descriptors are compared before and after. Nothing of the plugin runs
// in this process. The error is for a file that cannot be looked at at all. Blocks.
[[nodiscard]] Result<std::vector<Finding>> check_conformance(const std::string& file);

}  // namespace postern::plugin
