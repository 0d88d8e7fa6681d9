#pragma once

#include <vector>

#include "core/config/configuration.h"
#include "core/config/table_reader.h"

namespace postern::config {

// One for each table of the configuration, each in the .cpp of its name. They report what is wrong
// to the Reading and go on.
void read_root(TableReader table, Configuration& out);
// Of a listener or a route; empty when it is wrong, so that nothing more is said of it.
void read_name(TableReader& table, std::string& out);
void read_listener(TableReader table, Listener& out);
void read_tls(TableReader table, Tls& out);
// certificate, private_key and password_file; whether there has to be a certificate is the caller's
// business. False, and reported, where they are of a kind that cannot be read.
[[nodiscard]] bool read_key_pair(TableReader& table, std::string& certificate,
                                 std::string& private_key, std::string& password_file);
void read_pipeline_entry(TableReader table, PipelineEntry& out);
void read_route(TableReader table, Route& out);
void read_upstream(TableReader table, Upstream& out);
void read_http(TableReader table, Http& out);
void read_client_tls(TableReader table, ClientTls& out);
void read_stdio(TableReader table, Stdio& out);

// Rules that span tables: what identifies a client, who shares a name or an address.
void check_trust(TableReader tls_table, const Listener& listener);
// Whether a certificate that no authority issued can be known by `pipeline` all the same.
[[nodiscard]] bool pins(const std::vector<PipelineEntry>& pipeline);
void check_bound_tokens(TableReader route_table, const Route& route, const Listener& listener);
void check_listeners(Reading& reading, const std::vector<Node::Shared>& nodes,
                     const std::vector<Listener>& listeners);

}  // namespace postern::config
