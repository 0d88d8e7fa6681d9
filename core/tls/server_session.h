#pragma once

#include <memory>

#include "core/tls/client_hello.h"
#include "core/tls/server_context.h"
#include "core/tls/session.h"

namespace postern::tls {

// The server's end of one TLS connection.
class ServerSession final : public Session {
public:
    // `hello` is the one read ahead and asked about; it is still on the wire. In a second hello,
    // after a HelloRetryRequest, other names or ALPN end the handshake.
    [[nodiscard]] static Result<std::unique_ptr<ServerSession>> create(
        std::shared_ptr<const ServerContext> context, Wire& wire, const ClientHello& hello,
        const Digest256& plugin_policy);

    // TLS 1.3, after established said yes, in a session that was not resumed; else does nothing.
    void send_ticket();

    class State;

private:
    explicit ServerSession(std::unique_ptr<State> state);
};

}  // namespace postern::tls
