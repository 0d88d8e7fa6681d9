/* SPDX-License-Identifier: Apache-2.0
 *
 * call.h - what the host shows a plugin, phase by phase:
 *
 *   accept -> client hello -> peer certificate -> established -> request ... -> close
 *
 * All inputs are valid and unchanged until the hook returns or, after POSTERN_PENDING, until the
 * complete() for that operation returns. */
#ifndef POSTERN_CALL_H
#define POSTERN_CALL_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An immutable, reference-counted list of certificates; read it with postern.x509/1. */
typedef struct postern_chain postern_chain;

#define POSTERN_PHASE_ACCEPT 1u
#define POSTERN_PHASE_CLIENT_HELLO 2u
#define POSTERN_PHASE_PEER_CERTIFICATE 3u
#define POSTERN_PHASE_ESTABLISHED 4u
#define POSTERN_PHASE_REQUEST 5u
#define POSTERN_PHASE_CLOSE 6u

#define POSTERN_CONN_INBOUND 0x1u   /* a client came to us; else we went to a server */
#define POSTERN_CONN_RESUMED 0x2u   /* the handshake ran no certificate exchange */
#define POSTERN_CONN_0RTT 0x4u      /* reserved; this host accepts no early data */
#define POSTERN_CALL_REVIEW 0x8u    /* an answer may have changed: conn is 0, slot is NULL */
#define POSTERN_CALL_DRY_RUN 0x10u  /* explain: no side effect; limiters are not asked */
#define POSTERN_CONN_TLS 0x20u      /* absent on a plain-HTTP listener */
#define POSTERN_CALL_OBSERVED 0x40u /* mode = "observe": the answer is only logged; write nothing */
#define POSTERN_CONN_VERIFIED 0x80u /* from the peer certificate on: a verified chain stands behind
                                       it; without, its names are what it says of itself */

typedef struct postern_call {
    uint32_t struct_size;
    uint32_t flags;            /* POSTERN_CONN_*, POSTERN_CALL_* */
    postern_op op;             /* for complete() after POSTERN_PENDING */
    uint64_t deadline_ns;      /* of the clock service's monotonic clock; then the host decides */
    postern_conn_id conn;
    postern_endpoint peer;
    postern_endpoint local;
    postern_str listener;      /* its name */
    void **slot;               /* one for each connection and instance, NULL at first; freed by the
                                  plugin in its last on_close or release. [loop] calls only */
} postern_call;

/* The ClientHello as read from the wire: UNAUTHENTICATED, whatever it says. */
typedef struct postern_client_hello {
    uint32_t struct_size;
    uint32_t reserved;
    postern_str sni;           /* lower case, checked to be a DNS name; empty if none was sent */
    const postern_str *alpn;
    size_t alpn_count;
    const uint16_t *versions;  /* supported_versions, or legacy_version alone; GREASE is kept */
    size_t version_count;
    const uint16_t *ciphers;
    size_t cipher_count;
    const uint16_t *extensions; /* in wire order */
    size_t extension_count;
    const uint16_t *groups;
    size_t group_count;
    const uint16_t *signature_algorithms;
    size_t signature_algorithm_count;
    postern_str ja4;
    postern_bytes raw;         /* the handshake message's body */
} postern_client_hello;

/* The host's own path validation, a set; 0 is good. */
#define POSTERN_VERIFY_UNKNOWN_AUTHORITY 0x1u
#define POSTERN_VERIFY_EXPIRED 0x2u
#define POSTERN_VERIFY_NOT_YET_VALID 0x4u
#define POSTERN_VERIFY_WRONG_PURPOSE 0x8u
#define POSTERN_VERIFY_BAD_SIGNATURE 0x10u
#define POSTERN_VERIFY_INSECURE_ALGORITHM 0x20u
#define POSTERN_VERIFY_NAME_CONSTRAINT 0x40u
#define POSTERN_VERIFY_ISSUER_NOT_A_CA 0x80u
#define POSTERN_VERIFY_INVALID 0x100u
#define POSTERN_VERIFY_SKIPPED 0x200u /* trust = "pin": no chain was asked for; validity was */
#define POSTERN_VERIFY_CHAIN_TOO_LONG 0x400u
#define POSTERN_VERIFY_NAME_MISMATCH 0x800u /* outbound: not for the name expected */

typedef struct postern_peer_cert {
    uint32_t struct_size;
    uint32_t verify_flags;          /* POSTERN_VERIFY_*; the host refuses by itself what is set,
                                       but for SKIPPED, and asks plugins only when it did not */
    postern_str hostname;           /* outbound: the name expected; inbound: empty */
    const postern_chain *presented; /* as sent, leaf first; never NULL, may be empty */
    const postern_chain *verified;  /* leaf to anchor, or NULL under trust = "pin" */
    const postern_bytes *staples;   /* OCSP responses by position in `presented` */
    size_t staple_count;
} postern_peer_cert;

typedef struct postern_session {
    uint32_t struct_size;
    uint16_t version;               /* 0x0303, 0x0304; 0 without TLS */
    uint16_t cipher;                /* IANA number */
    postern_str alpn;
    postern_str sni;
    const postern_chain *peer;      /* the verified chain, or the presented one under trust =
                                       "pin"; NULL without a certificate */
    postern_str identity;           /* who the host says this is; empty without a certificate */
    postern_str hostname;           /* outbound: the name expected; inbound: empty */
    uint32_t verify_flags;          /* as the peer-certificate phase had them */
    uint32_t reserved;
} postern_session;

#define POSTERN_ERA_UNKNOWN 0u
#define POSTERN_ERA_LEGACY 1u       /* MCP before 2026-07-28 */
#define POSTERN_ERA_MODERN 2u

#define POSTERN_NAME_NONE 0u
#define POSTERN_NAME_TOOL 1u
#define POSTERN_NAME_PROMPT 2u
#define POSTERN_NAME_RESOURCE 3u    /* a URI */
#define POSTERN_NAME_TASK 4u

#define POSTERN_IDENTITY_NONE 0u
#define POSTERN_IDENTITY_CERTIFICATE 1u
#define POSTERN_IDENTITY_TOKEN 2u   /* reserved */

/* One JSON-RPC message, or an HTTP request without one (method is then empty). In a batch the
 * phase is asked once for each element. */
typedef struct postern_request {
    uint32_t struct_size;
    uint32_t identity_source;       /* POSTERN_IDENTITY_* */
    uint32_t era;                   /* POSTERN_ERA_* */
    uint32_t name_kind;             /* POSTERN_NAME_* */
    postern_str route;
    postern_str path;               /* as sent, without the query */
    postern_str http_method;
    postern_str method;             /* from the body, e.g. "tools/call" */
    postern_str name;               /* from the body: the tool, prompt or resource asked for */
    postern_str identity;
    postern_str session;            /* Mcp-Session-Id, as sent */
    uint64_t body_size;
    const postern_chain *peer;      /* NULL without a certificate */
    const postern_kv *attributes;   /* reserved */
    size_t attribute_count;
    postern_str route_path;         /* as configured: `path` is this or lies below it */
} postern_request;

typedef struct postern_close {
    uint32_t struct_size;
    uint32_t reason;                /* POSTERN_REASON_* */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t duration_ns;
} postern_close;

#ifdef __cplusplus
}
#endif
#endif
