#pragma once

#include <string_view>
#include <vector>

#include "core/config/configuration.h"
#include "core/config/toml_writer.h"

namespace postern::config {

// The parts of print() below a route.
void print_upstream(TomlWriter& to, const Upstream& upstream);
// `table`: "listener.pipeline", say.
void print_pipeline(TomlWriter& to, std::string_view table,
                    const std::vector<PipelineEntry>& pipeline);

}  // namespace postern::config
