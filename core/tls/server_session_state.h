#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tls/server_session.h"
#include "core/tls/session_state.h"

namespace postern::tls {

class ServerSession::State final : public Session::State {
public:
    State(std::shared_ptr<const ServerContext> owner, Wire& transport)
        : Session::State(transport), context(std::move(owner)) {}
    ~State() override { session.reset(); }  // before the context that it points into

    // The GnuTLS session with everything set that has to be before the handshake.
    [[nodiscard]] Result<void> set_up(const ClientHello& hello, const Digest256& plugin_policy);
    void send_ticket();

    [[nodiscard]] int check_settled() override;
    [[nodiscard]] bool may_write() override;
    // HTTP's own framing tells a request that was cut.
    [[nodiscard]] Io cut_off() override { return Io::closed; }

    std::shared_ptr<const ServerContext> context;
    Bytes first_hello;  // until the handshake is done, as are the next two
    std::string sni;
    std::vector<std::string> alpn;
    bool version_in_common = false;
    bool hello_seen = false;
    bool ticket_held = false;
};

}  // namespace postern::tls
