/* SPDX-License-Identifier: Apache-2.0
 *
 * pinning.h - is this key or certificate one we hold? */
#ifndef POSTERN_PINNING_H
#define POSTERN_PINNING_H

#include "call.h"
#include "verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_IF_PINNING "postern.pinning/1"

typedef struct postern_pinning {
    uint32_t struct_size;
    uint32_t reserved;
    /* ALLOW: the presented certificate, its key or a CA of its chain is held. DENY: it is not.
     * A function of its inputs and the pin set alone, since it is run again on every resumed
     * session and on review. [loop] */
    postern_rc (*evaluate)(void *self, const postern_call *call, const postern_peer_cert *cert,
                           postern_verdict *out);
    /* NULL if not wanted. Proof of possession is done: the place to write a first-use pin. [loop] */
    postern_rc (*on_established)(void *self, const postern_call *call,
                                 const postern_session *session, postern_verdict *out);
} postern_pinning;

#ifdef __cplusplus
}
#endif
#endif
