/* SPDX-License-Identifier: Apache-2.0
 *
 * clock.h - the only clock a plugin uses, so that tests and explain can set it. */
#ifndef POSTERN_SERVICE_CLOCK_H
#define POSTERN_SERVICE_CLOCK_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_CLOCK "postern.clock/1"

typedef struct postern_clock { /* [any] */
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t (*monotonic_ns)(const postern_host *host);
    int64_t (*wall_seconds)(const postern_host *host); /* since the epoch, UTC */
} postern_clock;

#ifdef __cplusplus
}
#endif
#endif
