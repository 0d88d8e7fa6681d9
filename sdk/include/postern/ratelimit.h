/* SPDX-License-Identifier: Apache-2.0
 *
 * ratelimit.h - take and give back. */
#ifndef POSTERN_RATELIMIT_H
#define POSTERN_RATELIMIT_H

#include "call.h"
#include "verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_IF_RATELIMIT "postern.ratelimit/1"

/* Keys: "peer" (the address as text) at accept; "sni", "ja4" at client hello; "identity" at
 * established; "identity", "route", "tool" at request. `call` has the endpoints in every phase. */
typedef struct postern_quota_request {
    uint32_t struct_size;
    uint32_t phase;          /* POSTERN_PHASE_* */
    const postern_kv *keys;
    size_t key_count;
    uint64_t cost;           /* 1 */
} postern_quota_request;

typedef struct postern_ratelimit {
    uint32_t struct_size;
    uint32_t reserved;
    /* ALLOW or ABSTAIN: taken. DENY or DELAY: nothing was taken. [loop] */
    postern_rc (*acquire)(void *self, const postern_call *call, const postern_quota_request *request,
                          postern_verdict *out);
    /* Exactly once for each acquire whose ALLOW or ABSTAIN the host took, with the same phase,
     * keys and cost: for a request when it ends, for the other phases when the connection does.
     * Never after DENY, an error or a STALE complete(): who gets STALE undoes its own count.
     * May be NULL. [loop] */
    void (*release)(void *self, const postern_call *call, const postern_quota_request *request);
} postern_ratelimit;

#ifdef __cplusplus
}
#endif
#endif
