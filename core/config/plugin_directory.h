#pragma once

#include <string>

namespace postern::config {

// Where a bare plugin name is looked for if the configuration does not say: the installed folder,
// or, for a binary that runs from its build tree, the plugins built with it.
[[nodiscard]] std::string default_plugin_directory();

}  // namespace postern::config
