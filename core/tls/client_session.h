#pragma once

#include <memory>
#include <vector>

#include "core/tls/client_context.h"
#include "core/tls/session.h"

namespace postern::tls {

// The client's end of one TLS connection. It believes nobody: want_verdict comes in every full
// handshake, and after a resumed one the host judges peer_chain() before the first byte.
//
// An end without close_notify is a failure here: an answer that ends with its connection would else
// look whole wherever it was cut.
class ClientSession final : public Session {
public:
    [[nodiscard]] static Result<std::unique_ptr<ClientSession>> create(
        std::shared_ptr<const ClientContext> context, Wire& wire, ServerName server);

    [[nodiscard]] const ServerName& server() const;
    // OCSP responses by position in peer_chain(), as the server stapled them; not judged here. On a
    // resumed session there are none.
    [[nodiscard]] std::vector<Bytes> staples() const;

    class State;

private:
    explicit ClientSession(std::unique_ptr<State> state);
};

}  // namespace postern::tls
