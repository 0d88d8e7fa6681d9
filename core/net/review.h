#pragma once

#include <memory>
#include <vector>

#include "core/net/connection.h"
#include "core/net/listener_policy.h"

namespace postern::net {

// Asks about the identities of live connections again under `policy`: the host's own verification,
// then the pipeline with REVIEW set, once for each chain. A no cuts its connections; after a yes
// those of another generation go over to `policy`. Works in small batches, so that the loop goes on
// serving. Loop thread.
void review_connections(Loop& loop, std::vector<std::weak_ptr<Connection>> connections,
                        ListenerPolicyRef policy);

}  // namespace postern::net
