/* SPDX-License-Identifier: Apache-2.0
 *
 * log.h - lines in the host's log, under the plugin's name. The host escapes control characters
 * and limits a plugin's rate; what was dropped is counted and said. */
#ifndef POSTERN_SERVICE_LOG_H
#define POSTERN_SERVICE_LOG_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_LOG "postern.log/1"

#define POSTERN_LOG_ERROR 1u
#define POSTERN_LOG_WARNING 2u
#define POSTERN_LOG_NOTICE 3u
#define POSTERN_LOG_INFO 4u
#define POSTERN_LOG_DEBUG 5u

typedef struct postern_log { /* [any] */
    uint32_t struct_size;
    uint32_t reserved;
    /* The most detailed level that is written now. */
    uint32_t (*level)(const postern_host *host);
    /* message and fields are copied; never blocks. */
    void (*write)(const postern_host *host, uint32_t level, postern_str message,
                  const postern_kv *fields, size_t field_count);
} postern_log;

#ifdef __cplusplus
}
#endif
#endif
