#pragma once

#include <functional>

#include "core/base/result.h"

namespace CLI {
class App;
}

namespace postern::cli {

// What the chosen command does once its flags are read: a command's CLI11 callback sets it, the
// command line runs it after parsing, so that no work happens inside CLI11.
using Action = std::function<Result<void>()>;

}  // namespace postern::cli
