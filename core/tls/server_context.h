#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/tls/verify.h"

namespace postern::tls {

using TicketKey = std::array<std::uint8_t, 64>;

// One listener's side of TLS: certificates by server name, policy, trust anchors. Built from the
// configuration (blocks on files), then immutable and shared by all threads. A session keeps its
// context alive, since GnuTLS sessions hold raw pointers into credentials.
class ServerContext {
public:
    // Errors name the file and key: unreadable, wrong password, key that does not match, expired
    // server certificate is a warning in the log and no error.
    [[nodiscard]] static Result<std::shared_ptr<const ServerContext>> create(
        const config::Listener& listener);
    ~ServerContext();

    [[nodiscard]] config::ClientCertificate client_certificate() const;
    [[nodiscard]] config::Trust trust() const;

    // The presented client chain, by this listener's rules.
    [[nodiscard]] Verification verify_client(const ChainRef& presented, std::int64_t now) const;

    // The DNS and IP names in the certificates, lower case: the default for allowed_hosts.
    [[nodiscard]] const std::vector<std::string>& server_names() const;

    // The key under which tickets of this listener and server name are sealed: HKDF of a process
    // secret and a digest of listener, certificate chosen by SNI, client_certificate mode, trust
    // mode, anchors, TLS policy and `plugin_policy`. Whatever changes one of these makes every
    // earlier ticket worth nothing.
    [[nodiscard]] TicketKey ticket_key(std::string_view sni, const Digest256& plugin_policy) const;

    class State;  // for this room's session
    [[nodiscard]] const State& state() const { return *state_; }

private:
    explicit ServerContext(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// What a named policy resolves to in the run-time library, a line a fact: for --print-config and a
// golden test.
[[nodiscard]] Result<std::string> describe_policy(const std::string& name);
[[nodiscard]] std::vector<std::string> policy_names();

// The run-time GnuTLS version, and whether it lies below the security floor.
[[nodiscard]] std::string library_version();
[[nodiscard]] bool library_below_security_floor();

}  // namespace postern::tls
