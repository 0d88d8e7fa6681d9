#pragma once

#include <cstdint>
#include <memory>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/tls/names.h"
#include "core/tls/verify.h"

namespace postern::tls {

// The client's side of TLS towards the servers of one upstream: own certificate, policy, trust
// anchors, and the tickets those servers gave. Built from the configuration (blocks on files);
// shared by all threads. A session keeps its context alive.
class ClientContext {
public:
    // Errors name the file and key, as ServerContext's do.
    [[nodiscard]] static Result<std::shared_ptr<const ClientContext>> create(
        const config::ClientTls& settings);
    ~ClientContext();

    [[nodiscard]] config::Trust trust() const;

    // The presented chain, by these rules, and whether the leaf is for `name`: POSTERN_VERIFY_*.
    [[nodiscard]] Verification verify_server(const ChainRef& presented, const ServerName& name,
                                             std::int64_t now) const;

    class State;  // for this room's session
    [[nodiscard]] const State& state() const { return *state_; }

private:
    explicit ClientContext(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// What is said of a server's chain, and of its leaf when that is not for `name`.
[[nodiscard]] Verification hold_to_name(Verification result, const ChainRef& presented,
                                        const ServerName& name);

}  // namespace postern::tls
