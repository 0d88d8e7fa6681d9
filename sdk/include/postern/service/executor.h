/* SPDX-License-Identifier: Apache-2.0
 *
 * executor.h - work that may wait, on the host's pool, and timers. */
#ifndef POSTERN_SERVICE_EXECUTOR_H
#define POSTERN_SERVICE_EXECUTOR_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_EXECUTOR "postern.executor/1"

typedef void (*postern_task)(void *user); /* must not throw */

typedef struct postern_executor { /* [any], from start() until destroy() returns */
    uint32_t struct_size;
    uint32_t reserved;
    /* Runs `task` once on a pool thread. E_BUSY: the queue is full. destroy() waits for posted
     * tasks. */
    postern_rc (*post)(const postern_host *host, postern_task task, void *user);
    /* Runs `task` on a pool thread after delay_ns, then every period_ns (0: once). Runs of one
     * timer never overlap. */
    postern_rc (*after)(const postern_host *host, uint64_t delay_ns, uint64_t period_ns,
                        postern_task task, void *user, uint64_t *timer);
    /* After it returned, the task neither runs nor will; called from inside the task itself it
     * only stops later runs. */
    void (*cancel)(const postern_host *host, uint64_t timer);
} postern_executor;

#ifdef __cplusplus
}
#endif
#endif
