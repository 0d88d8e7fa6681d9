#pragma once

#include <string>
#include <vector>

#include "core/tls/chain.h"
#include "tests/unit/sdk_fake_host/fake_instance.h"

namespace postern::fake {

// postern.x509/1 over tls::Chain, so that a test may hold out real certificates or ones whose every
// field it wrote itself (tls::Chain::from_certificates).
const postern_x509* x509_service();

const postern_chain* handle(const tls::ChainRef& chain);

// What the peer-certificate phase shows. `verified` may be null.
struct FakePeer {
    tls::ChainRef presented;
    tls::ChainRef verified;
    std::string hostname = {};
    std::uint32_t verify_flags = 0;
};

// Asks a hook of the form of postern_validator::on_peer_certificate.
Answer ask_peer_certificate(FakeInstance& instance,
                            postern_rc (*hook)(void*, const postern_call*, const postern_peer_cert*,
                                               postern_verdict*),
                            std::uint32_t flags, const FakePeer& peer);

}  // namespace postern::fake
