/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch.h - HTTP on the host's fetch thread. The host limits schemes, addresses and redirects: a
 * URL found in a certificate leads to public addresses only, unless the entry's allowed_addresses
 * names the network; a configured one is allowed by having been configured. */
#ifndef POSTERN_SERVICE_FETCH_H
#define POSTERN_SERVICE_FETCH_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_FETCH "postern.fetch/1"

#define POSTERN_FETCH_GET 1u
#define POSTERN_FETCH_POST 2u

typedef struct postern_fetch_request {
    uint32_t struct_size;
    uint32_t method;          /* POSTERN_FETCH_* */
    postern_str url;          /* http or https */
    uint32_t configured;      /* 1: the administrator wrote this URL */
    uint32_t reserved;
    postern_bytes body;
    const postern_kv *headers;
    size_t header_count;
    postern_str store_key;    /* not empty: the body goes into the store, atomically */
    uint64_t max_bytes;       /* of the body; 0: 1 MiB. The host's cap is 256 MiB */
    uint64_t deadline_ns;     /* monotonic, for the whole transfer; 0: 10 s from now */
} postern_fetch_request;

typedef struct postern_fetch_response {
    uint32_t struct_size;
    uint32_t http_status;
    const postern_kv *headers; /* names in lower case */
    size_t header_count;
    postern_bytes body;        /* empty when stored */
    postern_str error;         /* why there is no answer; empty when there is one */
} postern_fetch_response;

/* Runs exactly once for each start() that returned POSTERN_OK, never inside start(). `response`
 * is never NULL and valid until it returns. rc: OK (any HTTP status), E_TIMEOUT, E_DENIED (the
 * address policy), E_IO, E_STALE (cancelled). Must not block. [any] */
typedef void (*postern_fetch_done)(void *user, postern_rc rc,
                                   const postern_fetch_response *response);

typedef struct postern_fetch { /* [any] */
    uint32_t struct_size;
    uint32_t reserved;
    /* The request is copied. E_BUSY: too many are under way. */
    postern_rc (*start)(const postern_host *host, const postern_fetch_request *request,
                        postern_fetch_done done, void *user, uint64_t *ticket);
    void (*cancel)(const postern_host *host, uint64_t ticket); /* done still runs */
} postern_fetch;

#ifdef __cplusplus
}
#endif
#endif
