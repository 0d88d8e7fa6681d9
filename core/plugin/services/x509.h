#pragma once

#include "postern/service/x509.h"

namespace postern::plugin {

[[nodiscard]] const postern_x509* x509_service();

}  // namespace postern::plugin
