#pragma once

#include "core/tls/chain.h"
#include "postern/call.h"

namespace postern::plugin {

// The SDK's opaque postern_chain is our Chain; these two casts are the only place that knows.
[[nodiscard]] inline const postern_chain* handle_of(const tls::Chain* chain) {
    return reinterpret_cast<const postern_chain*>(chain);
}
[[nodiscard]] inline const tls::Chain* chain_of(const postern_chain* handle) {
    return reinterpret_cast<const tls::Chain*>(handle);
}

}  // namespace postern::plugin
