/* SPDX-License-Identifier: Apache-2.0
 *
 * config.h - typed reading of the plugin's table in the configuration. Nodes live until destroy().
 *
 * A key that configure() never asked member() for is an unknown key: the host reports it, with the
 * nearest of those asked for. A function that returns POSTERN_E_CONFIG has reported the error, with
 * file, line and column; configure() returns the code. POSTERN_E_NOT_FOUND: the node is NULL, and
 * the output is untouched, so that a default set before stays. */
#ifndef POSTERN_SERVICE_CONFIG_H
#define POSTERN_SERVICE_CONFIG_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_CONFIG "postern.config/1"

#define POSTERN_NODE_NONE 0u
#define POSTERN_NODE_TABLE 1u
#define POSTERN_NODE_ARRAY 2u
#define POSTERN_NODE_STRING 3u
#define POSTERN_NODE_INTEGER 4u
#define POSTERN_NODE_REAL 5u
#define POSTERN_NODE_BOOLEAN 6u
#define POSTERN_NODE_DATETIME 7u

typedef struct postern_config { /* [main] */
    uint32_t struct_size;
    uint32_t reserved;
    uint32_t (*type)(const postern_node *node);   /* POSTERN_NODE_*; NONE for NULL */
    size_t (*length)(const postern_node *node);   /* of a table or an array, else 0 */
    const postern_node *(*member)(const postern_node *table, postern_str key); /* or NULL */
    const postern_node *(*element)(const postern_node *array, size_t index);   /* or NULL */
    /* A table as a map whose keys are data; marks the key as asked for. */
    postern_rc (*entry)(const postern_node *table, size_t index, postern_str *key,
                        const postern_node **value);
    postern_rc (*as_string)(const postern_node *node, postern_str *out);
    postern_rc (*as_integer)(const postern_node *node, int64_t *out);
    postern_rc (*as_real)(const postern_node *node, double *out);     /* takes an integer too */
    postern_rc (*as_boolean)(const postern_node *node, uint32_t *out); /* 0 or 1 */
    postern_rc (*as_seconds)(const postern_node *node, int64_t *out); /* a date-time */
    postern_rc (*as_duration_ns)(const postern_node *node, uint64_t *out); /* "3s", "24h" */
    postern_rc (*as_bytes)(const postern_node *node, uint64_t *out);  /* "4MiB" */
    postern_rc (*as_path)(const postern_node *node, postern_str *out); /* made absolute, relative to
                                                       the configuration file that names it */
    postern_rc (*as_state_path)(const postern_node *node, postern_str *out); /* relative to the
                                                       state directory */
    /* Reports an error at this node; configure() then returns POSTERN_E_CONFIG. */
    void (*fail)(const postern_node *node, postern_str message);
    postern_rc (*position)(const postern_node *node, uint32_t *line, uint32_t *column);
    /* Reads another TOML file, of at most 4 MiB, and shows its root to `see` on this thread. There
     * all of this service works on its nodes, which live until see() returns. What is wrong (with
     * the file or its TOML, a key never asked for, what see() failed) makes E_CONFIG; `report` has
     * each error, one line with its place. A NULL `report`: they are configure()'s own. Blocks.
     * [main], or [any] thread that may block, with a `report` */
    postern_rc (*read_file)(const postern_host *host, postern_str path,
                            postern_rc (*see)(void *user, const postern_node *root),
                            void (*report)(void *user, postern_str error), void *user);
} postern_config;

#ifdef __cplusplus
}
#endif
#endif
