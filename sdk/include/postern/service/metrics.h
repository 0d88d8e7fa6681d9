/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics.h - numbers for the host's exposition, prefixed with postern_plugin_<name>_. */
#ifndef POSTERN_SERVICE_METRICS_H
#define POSTERN_SERVICE_METRICS_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_METRICS "postern.metrics/1"

#define POSTERN_METRIC_COUNTER 1u
#define POSTERN_METRIC_GAUGE 2u

typedef struct postern_metrics {
    uint32_t struct_size;
    uint32_t reserved;
    /* The same name and kind gives the same metric. A name is [a-z][a-z0-9_]*. [main] */
    postern_rc (*define)(const postern_host *host, uint32_t kind, postern_str name, postern_str help,
                         uint32_t *metric);
    /* A counter takes no negative delta. Never blocks. [any] */
    void (*add)(const postern_host *host, uint32_t metric, int64_t delta);
} postern_metrics;

#ifdef __cplusplus
}
#endif
#endif
