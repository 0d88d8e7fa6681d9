/* SPDX-License-Identifier: Apache-2.0
 *
 * revocation.h - facts about revocation. The plugin reports them; what "unknown" means is the
 * administrator's failure_mode, which the host applies. */
#ifndef POSTERN_REVOCATION_H
#define POSTERN_REVOCATION_H

#include "call.h"
#include "verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_IF_REVOCATION "postern.revocation/1"

typedef struct postern_revocation {
    uint32_t struct_size;
    uint32_t reserved;
    /* Fills facts for the verified chain (the presented one where that is NULL), leaf first.
     * DENY: one is revoked. ALLOW: all that the plugin's policy asks about are good or exempt.
     * ABSTAIN with a fact that is UNKNOWN, or a time-out: no answer, failure_mode decides.
     * [loop] */
    postern_rc (*check)(void *self, const postern_call *call, const postern_peer_cert *cert,
                        postern_verdict *out);
} postern_revocation;

#ifdef __cplusplus
}
#endif
#endif
