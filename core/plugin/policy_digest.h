#pragma once

#include "core/plugin/pipeline.h"

namespace postern::plugin {

// Over everything that decides a pipeline's answers, in order: each entry's plugin, version and
// settings, and the plugin's own digest or, where it has none, its configuration. Main thread.
[[nodiscard]] Result<Digest256> digest_of(const Pipeline::State& pipeline);

}  // namespace postern::plugin
