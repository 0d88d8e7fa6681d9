#pragma once

#include <cstddef>

namespace postern::tls {

// What a peer may present; GnuTLS follows no longer path.
inline constexpr std::size_t kMaxPresented = 16;

}  // namespace postern::tls
