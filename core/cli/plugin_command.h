#pragma once

#include "core/cli/action.h"

namespace postern::cli {

// `postern plugin list` and `postern plugin check FILE`.
void add_plugin_command(CLI::App& parent, Action& action);

}  // namespace postern::cli
