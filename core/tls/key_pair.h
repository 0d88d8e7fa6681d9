#pragma once

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/tls/chain.h"
#include "core/tls/gnutls_handle.h"

namespace postern::tls {

// A chain, leaf first, and the leaf's private key.
struct KeyPair {
    ChainRef chain;
    PrivateKeyOwner key;
};

// From PEM or DER files, or one PKCS#12 file (.p12, .pfx). Blocks.
[[nodiscard]] Result<KeyPair> read_key_pair(const config::Certificate& files);

}  // namespace postern::tls
