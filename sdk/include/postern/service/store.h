/* SPDX-License-Identifier: Apache-2.0
 *
 * store.h - small named values in a directory of the plugin's own (0700), written atomically. Blocks on
 * the disk: never from a [loop] call of a PER_LOOP or PARALLEL plugin. */
#ifndef POSTERN_SERVICE_STORE_H
#define POSTERN_SERVICE_STORE_H

#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_STORE "postern.store/1"

/* Sees a value during the call; its answer becomes that of get() or each(). */
typedef postern_rc (*postern_view)(void *user, postern_bytes value);
typedef postern_rc (*postern_visit)(void *user, postern_str key);

typedef struct postern_store { /* [any] */
    uint32_t struct_size;
    uint32_t reserved;
    /* Chooses the directory, once, in configure() or start(); empty:
     * <state_directory>/<plugin id>/<listener>. A relative path is below the state directory. It
     * is made by the first put(). */
    postern_rc (*open)(const postern_host *host, postern_str path);
    postern_str (*directory)(const postern_host *host);
    /* A key is 1 to 200 of [A-Za-z0-9._-], and does not start with a dot. */
    postern_rc (*get)(const postern_host *host, postern_str key, postern_view view, void *user);
    postern_rc (*put)(const postern_host *host, postern_str key, postern_bytes value);
    postern_rc (*erase)(const postern_host *host, postern_str key);
    /* Every key, in no order, until `visit` answers other than POSTERN_OK. */
    postern_rc (*each)(const postern_host *host, postern_visit visit, void *user);
    /* As put(), but E_BUSY where the key has a value: of all who try, one succeeds. */
    postern_rc (*create)(const postern_host *host, postern_str key, postern_bytes value);
} postern_store;

#ifdef __cplusplus
}
#endif
#endif
