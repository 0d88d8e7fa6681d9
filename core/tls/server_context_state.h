#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/configuration.h"
#include "core/tls/credentials.h"
#include "core/tls/server_context.h"

namespace postern::tls {

// What a session takes from its listener's context. Immutable once published (GnuTLS lets threads
// share credentials and priorities while nobody sets them).
class ServerContext::State {
public:
    std::string listener;
    std::string policy;
    PriorityOwner priority;
    std::vector<Credentials> credentials;  // at least one; the first is the default
    std::vector<std::string> server_names;
    std::shared_ptr<const TrustAnchors> anchors;
    config::ClientCertificate client_certificate = config::ClientCertificate::require;
    config::Trust trust = config::Trust::chain;
    bool session_tickets = true;
    int ticket_lifetime_seconds = 0;
    bool send_ca_names = true;

    // By the name asked for; a name that is nobody's gets the default, since an alert would tell a
    // stranger which names there are.
    [[nodiscard]] const Credentials& credentials_for(std::string_view sni) const {
        if (!sni.empty())
            for (const Credentials& candidate : credentials)
                if (candidate.serves(sni)) return candidate;
        return credentials.front();
    }
};

}  // namespace postern::tls
