#pragma once

#include <vector>

#include "core/config/configuration.h"
#include "core/config/table_reader.h"

namespace postern::config {

// One for each table of the configuration, each in the .cpp of its name. They report what is wrong
// to the Reading and go on.
void read_root(TableReader table, Configuration& out);
void read_listener(TableReader table, Listener& out);
void read_tls(TableReader table, Tls& out);
void read_pipeline_entry(TableReader table, PipelineEntry& out);
void read_route(TableReader table, Route& out);
void read_upstream(TableReader table, Upstream& out);

// Rules that span tables: what identifies a client, who shares a name or an address.
void check_trust(TableReader tls_table, const Listener& listener);
void check_listeners(Reading& reading, const std::vector<Node::Shared>& nodes,
                     const std::vector<Listener>& listeners);

}  // namespace postern::config
