#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/net/loop.h"
#include "core/upstream/http/tls_connection.h"

namespace postern::upstream {

// One loop's connections over TLS to the servers of one upstream, whichever generation made them,
// so that they can be asked about again. The loop's thread, but for the end.
class ServerConnections {
public:
    using Rules = std::vector<std::shared_ptr<const TlsServer>>;

    void add(const TlsConnection& connection);
    // Asks the host and the pipeline about the server of each again, by the one of `rules` that has
    // its name, once for each chain. A no cuts. One whose server no rule names any more is left: a
    // request ends on the route it began with.
    void review(net::Loop& loop, const Rules& rules);

private:
    std::vector<std::weak_ptr<TlsConnection*>> connections_;
    std::size_t sweep_at_ = 16;
};

}  // namespace postern::upstream
