#pragma once

#include "postern/service/config.h"

namespace postern::plugin {

// postern_config::read_file.
[[nodiscard]] postern_rc read_config_file(const postern_host* host, postern_str path,
                                          postern_rc (*see)(void* user, const postern_node* root),
                                          void (*report)(void* user, postern_str error),
                                          void* user);

}  // namespace postern::plugin
