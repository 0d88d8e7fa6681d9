#include "core/tls/tickets.h"

#include <new>
#include <string_view>

#include "core/tls/gnutls_handle.h"

namespace postern::tls {
namespace {

constexpr std::string_view kLabel = "postern ticket 1";

Digest256 draw_secret() {
    Digest256 random{};
    Digest256 secret{};
    if (gnutls_rnd(GNUTLS_RND_KEY, random.data(), random.size()) < 0) throw std::bad_alloc();
    const gnutls_datum_t key = datum_of(random);
    const gnutls_datum_t salt = datum_of(as_bytes(kLabel));
    if (gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &key, &salt, secret.data()) < 0)
        throw std::bad_alloc();
    gnutls_memset(random.data(), 0, random.size());
    return secret;
}

}  // namespace

TicketKey derive_ticket_key(const Digest256& policy) {
    static const Digest256 secret = draw_secret();
    TicketKey key{};
    const gnutls_datum_t extracted = datum_of(secret);
    const gnutls_datum_t info = datum_of(policy);
    if (gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &extracted, &info, key.data(), key.size()) < 0)
        throw std::bad_alloc();
    return key;
}

}  // namespace postern::tls
