/* SPDX-License-Identifier: Apache-2.0
 *
 * module.h - the entry symbol, the module it returns, and an instance's life:
 *
 *   create -> configure -> start -> calls ... -> drain -> destroy
 *
 * One shared object may describe several plugins, and one plugin may be instantiated many times,
 * each with its own configuration and host handle. A shared object is never unloaded. */
#ifndef POSTERN_MODULE_H
#define POSTERN_MODULE_H

#include "types.h"
#include "verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One value of the configuration; read it with postern.config/1. */
typedef struct postern_node postern_node;

/* What changed(): a plugin's answers differ from those it gave before. */
#define POSTERN_CHANGED_POLICY 0x1u /* policy_digest is asked again; tickets get new keys */
#define POSTERN_CHANGED_FACTS 0x2u  /* live identities are asked again, with REVIEW set */

/* Which end of its connections an instance is asked at. */
#define POSTERN_ROLE_SERVER 1u  /* a listener's: clients come to it */
#define POSTERN_ROLE_CLIENT 2u  /* the way to a server: no request is asked about */

/* Each instance's own handle to the host; valid from create() until destroy() returns. */
typedef struct postern_host postern_host;
struct postern_host {
    uint32_t struct_size;
    uint32_t abi_version;      /* POSTERN_ABI of the host */
    const char *product;       /* "postern" */
    const char *version;
    /* A service's table, valid for the process's life, or NULL. What the descriptor lists as
     * required is never NULL. [any] */
    const void *(*get_service)(const postern_host *host, const char *id);
    /* Why create, configure or start is about to fail; copied. [main] */
    void (*set_error)(const postern_host *host, postern_str message);
    /* Ends an operation for which POSTERN_PENDING was (or is about to be) returned. `verdict`
     * counts when rc is POSTERN_OK. Never calls back into the plugin; safe under its locks.
     * POSTERN_E_STALE: decided already, by deadline, close or an earlier complete. [any] */
    postern_rc (*complete)(const postern_host *host, postern_op op, postern_rc rc,
                           const postern_verdict *verdict);
    /* POSTERN_CHANGED_*. Returns at once; the host acts on it within seconds. [any] */
    void (*changed)(const postern_host *host, uint32_t what);
    const char *listener;      /* as every call will name it; "" in tools that only look */
    uint32_t role;             /* POSTERN_ROLE_* */
    uint32_t reserved;
};

typedef struct postern_instance {
    uint32_t struct_size;      /* set by the host before create(); the plugin sets it to its own
                                  sizeof if that is smaller */
    uint32_t reserved;
    void *self;
    /* Read the configuration. Side effects wait for start(): --check stops here. [main] */
    postern_rc (*configure)(void *self, const postern_node *root);
    /* The first place for threads, timers and reading the store. [main] */
    postern_rc (*start)(void *self);
    /* No new calls will come; outstanding operations must still complete. [main] */
    void (*drain)(void *self);
    /* All operations have completed. [main] */
    void (*destroy)(void *self);
    /* The table for an interface id, valid until destroy(), or NULL. [main] */
    const void *(*get_interface)(void *self, const char *id);
    /* The answer to `op` is no longer wanted; at most once an operation. complete() is still owed,
     * and gets POSTERN_E_STALE. May be NULL. [any] */
    void (*cancel)(void *self, postern_op op);
    /* A digest of everything that decides this instance's answers and is not in the certificate
     * or in facts that change by themselves. May be NULL: no policy of its own. [main] */
    postern_rc (*policy_digest)(void *self, uint8_t digest[32]);
} postern_instance;

#define POSTERN_THREADS_SERIAL 0u   /* the default: a thread of its own for each instance; may block */
#define POSTERN_THREADS_PER_LOOP 1u /* one instance an event loop, called on it, never blocks */
#define POSTERN_THREADS_PARALLEL 2u /* called on every loop at once, never blocks */

typedef struct postern_descriptor {
    uint32_t struct_size;
    uint32_t thread_model;         /* POSTERN_THREADS_* */
    const char *id;                /* reverse domain, e.g. "org.example.denylist" */
    const char *version;
    const char *summary;           /* one line */
    const char *const *interfaces; /* NULL-terminated interface ids */
    const char *const *services;   /* NULL-terminated ids of the services it cannot do without */
} postern_descriptor;

typedef struct postern_module {
    uint32_t struct_size;
    uint32_t abi_version;          /* POSTERN_ABI_VERSION it was built against */
    uint32_t min_host_abi;         /* the oldest host it can live with, e.g. POSTERN_ABI(1, 0) */
    uint32_t count;                /* plugins in this shared object */
    const postern_descriptor *(*describe)(uint32_t index); /* [any] */
    /* Makes an instance; no host call but set_error and get_service. [main] */
    postern_rc (*create)(const postern_host *host, const char *id, postern_instance *out);
} postern_module;

/* The only exported symbol. The major is in its name, so that a shared object can serve several.
 * No I/O, no threads, no global state: tools call it too. The result lives as long as the
 * process. NULL: this module cannot serve such a host. [any] */
POSTERN_EXPORT const postern_module *postern_module_v1(uint32_t host_abi_version);

#ifdef __cplusplus
}
#endif
#endif
