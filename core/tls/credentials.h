#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/tls/chain.h"
#include "core/tls/gnutls_handle.h"

namespace postern::tls {

// One certificate chain with its key, as a listener shows it.
struct Credentials {
    CredentialsOwner handle;
    ChainRef chain;
    std::vector<std::string> server_names;  // lower case; "*.example.com" stands for one label

    [[nodiscard]] bool serves(std::string_view sni) const;
};

// None in it yet: a client may have none.
[[nodiscard]] Result<CredentialsOwner> allocate_credentials();

// Blocks on files. Errors name the file: unreadable, no certificate, wrong password, a key that
// does not belong to the certificate, a chain out of order.
[[nodiscard]] Result<Credentials> load_credentials(const config::Certificate& files);

// A warning in the log: an expired certificate of ours is the peers' to refuse.
void warn_if_not_valid(const Credentials& credentials, const config::Certificate& files,
                       LogField owner);

}  // namespace postern::tls
