#pragma once

#include <string>

#include <gnutls/gnutls.h>

#include "core/base/result.h"

namespace postern::cli {

// A GnuTLS call that should not have failed; `what` says what it was doing.
[[nodiscard]] inline Error gnutls_failure(const std::string& what, int code) {
    return internal_error(what + ": " + gnutls_strerror(code));
}

}  // namespace postern::cli
