/* SPDX-License-Identifier: Apache-2.0
 *
 * crypto.h - digests, signatures and random bytes, so that no plugin links a TLS library. */
#ifndef POSTERN_SERVICE_CRYPTO_H
#define POSTERN_SERVICE_CRYPTO_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_CRYPTO "postern.crypto/1"

#define POSTERN_DIGEST_MD5 1u    /* reported only, never computed */
#define POSTERN_DIGEST_SHA1 2u
#define POSTERN_DIGEST_SHA224 3u
#define POSTERN_DIGEST_SHA256 4u
#define POSTERN_DIGEST_SHA384 5u
#define POSTERN_DIGEST_SHA512 6u
#define POSTERN_DIGEST_OTHER 99u

typedef struct postern_crypto { /* [any] */
    uint32_t struct_size;
    uint32_t reserved;
    /* *size: the room in `out`, then what was written. */
    postern_rc (*digest)(const postern_host *host, uint32_t algorithm, postern_bytes data,
                         uint8_t *out, size_t *size);
    /* Checks a signature over data that comes in pieces. `spki` is a DER SubjectPublicKeyInfo,
     * `algorithm` the DER AlgorithmIdentifier beside the signature. E_DENIED: an algorithm that
     * the host holds too weak (MD5, SHA-1, RSA below 2048 bits); E_UNSUPPORTED: one it does not
     * know. */
    postern_rc (*verify_begin)(const postern_host *host, postern_bytes spki,
                               postern_bytes algorithm, uint64_t *handle);
    postern_rc (*verify_update)(const postern_host *host, uint64_t handle, postern_bytes data);
    /* OK: it is the key's signature; E_INVALID: it is not. Ends the handle in any case; so does
     * destroy(). An empty signature abandons it. */
    postern_rc (*verify_finish)(const postern_host *host, uint64_t handle, postern_bytes signature);
    postern_rc (*random)(const postern_host *host, uint8_t *out, size_t size);
} postern_crypto;

#ifdef __cplusplus
}
#endif
#endif
