/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict.h - what a plugin answers. */
#ifndef POSTERN_VERDICT_H
#define POSTERN_VERDICT_H

#include "reason.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first DENY of a phase wins; ALLOW never overrides it; ABSTAIN is neutral. In the pinning
 * interface ALLOW is also the word that stands in for a chain under trust = "pin". An unknown
 * action is an error of the plugin. */
#define POSTERN_ACTION_ABSTAIN 0u
#define POSTERN_ACTION_ALLOW 1u
#define POSTERN_ACTION_DENY 2u
#define POSTERN_ACTION_DELAY 3u /* rate limits: refuse, and say when to come again (delay_ns) */

#define POSTERN_REV_UNKNOWN 0u
#define POSTERN_REV_GOOD 1u
#define POSTERN_REV_REVOKED 2u

#define POSTERN_REV_SOURCE_NONE 0u
#define POSTERN_REV_SOURCE_CRL 1u
#define POSTERN_REV_SOURCE_OCSP 2u
#define POSTERN_REV_SOURCE_STAPLE 3u
#define POSTERN_REV_SOURCE_LIST 4u
#define POSTERN_REV_SOURCE_EXEMPT 5u /* by policy not asked about, e.g. short-lived */

#define POSTERN_REV_FLAG_STALE 0x1u  /* past its nextUpdate, within what the policy allows */
#define POSTERN_REV_FLAG_CACHED 0x2u

typedef struct postern_rev_entry { /* FROZEN. One certificate of the verified chain. */
    uint32_t status;               /* POSTERN_REV_* */
    uint32_t source;               /* POSTERN_REV_SOURCE_* */
    uint32_t crl_reason;           /* RFC 5280 CRLReason, 0 unspecified */
    uint32_t flags;                /* POSTERN_REV_FLAG_* */
    int64_t this_update;           /* seconds since the epoch, 0 unknown */
    int64_t next_update;           /* likewise */
    int64_t revoked_at;            /* 0 unless REVOKED */
} postern_rev_entry;

/* Zeroed by the host before a hook; a hook that leaves it so abstains. The host reads and copies it,
 * with what detail and facts point to, inside complete(), or after the hook returned POSTERN_OK: on
 * the thread it was called on, and before it calls the plugin there again. */
typedef struct postern_verdict {
    uint32_t struct_size;
    uint32_t action;    /* POSTERN_ACTION_* */
    uint32_t reason;    /* POSTERN_REASON_*, for DENY and DELAY; 0 becomes POLICY */
    uint32_t tls_alert; /* RFC 8446 code; 0: the reason table's */
    uint64_t delay_ns;  /* for DELAY */
    postern_str detail; /* for the log and the audit trail, never for the peer; 1 KiB is kept */
    const postern_rev_entry *facts; /* revocation only: one for each certificate, leaf first */
    size_t fact_count;              /* at most the chain's length is read */
} postern_verdict;

#ifdef __cplusplus
}
#endif
#endif
