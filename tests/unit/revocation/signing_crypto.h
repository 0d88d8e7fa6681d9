#pragma once

#include <gnutls/abstract.h>

#include <memory>

#include "postern/plugin.h"
#include "tests/unit/revocation/crl_writer.h"

namespace postern::revocation::test {

// An ECDSA P-256 key that signs with SHA-256.
class SigningKey {
public:
    SigningKey();

    Der sign(const Der& data) const;
    const Der& spki() const { return spki_; }

private:
    std::unique_ptr<gnutls_privkey_st, decltype(&gnutls_privkey_deinit)> key_;
    Der spki_;
};

// postern.crypto/1 that checks such signatures, and counts how many it was asked for.
const postern_crypto* checking_crypto();
std::size_t signatures_checked();

}  // namespace postern::revocation::test
