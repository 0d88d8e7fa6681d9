#pragma once

#include "postern/service/clock.h"

namespace postern::plugin {

[[nodiscard]] const postern_clock* clock_service();

}  // namespace postern::plugin
