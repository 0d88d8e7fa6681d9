/* SPDX-License-Identifier: Apache-2.0
 *
 * types.h - the values that cross the boundary, and the rules that never change in a major:
 *
 *  - Every growable struct starts with struct_size, set by whoever allocates it. New members go
 *    at the end, a reader stops at struct_size, and what is absent means zero.
 *  - Growable structs are passed by pointer only: never embedded, never in arrays.
 *  - Structs marked FROZEN never grow; only they may be embedded or stand in arrays.
 *  - No enum, bool, bit-field, long, va_list or FILE* crosses the boundary.
 *  - All-zero is always the safe value: a zeroed verdict abstains.
 *  - Strings are UTF-8 and length-counted, not NUL-terminated, unless typed const char *.
 *  - Who allocates frees: nothing allocated on one side is freed by the other.
 *  - No exception, panic or longjmp may leave a callback.
 *
 * Thread tags, at the end of a comment: [main] the configuration thread, never concurrent for
 * one instance; [loop] the thread of the connection, or a SERIAL instance's own (only that one
 * may block); [any] every thread, concurrently. */
#ifndef POSTERN_TYPES_H
#define POSTERN_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "version.h"

#if defined(__GNUC__)
#define POSTERN_EXPORT __attribute__((visibility("default")))
#else
#define POSTERN_EXPORT
#endif

/* True when the peer's struct is long enough to hold `member`. */
#define POSTERN_HAS(pointer, type, member) \
    ((pointer)->struct_size >= offsetof(type, member) + POSTERN_SIZEOF(type, member))
#ifdef __cplusplus
#define POSTERN_SIZEOF(type, member) sizeof(type::member)
#else
#define POSTERN_SIZEOF(type, member) sizeof(((type *)0)->member)
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct postern_str { /* FROZEN */
    const char *data;
    size_t size;
} postern_str;

typedef struct postern_bytes { /* FROZEN */
    const uint8_t *data;
    size_t size;
} postern_bytes;

typedef struct postern_kv { /* FROZEN */
    postern_str key;
    postern_str value;
} postern_kv;

#define POSTERN_AF_NONE 0u
#define POSTERN_AF_UNIX 1u
#define POSTERN_AF_INET 2u
#define POSTERN_AF_INET6 3u

typedef struct postern_endpoint { /* FROZEN */
    uint16_t family;              /* POSTERN_AF_* ; an IPv4-mapped IPv6 address comes as INET */
    uint16_t port;                /* host byte order; 0 for a unix socket */
    uint32_t scope;               /* IPv6 zone, else 0 */
    uint8_t addr[16];             /* network byte order; IPv4 in the first four */
} postern_endpoint;

/* What a function answers. Negative is an error; a value not listed counts as E_INTERNAL. */
typedef int32_t postern_rc;

#define POSTERN_OK 0
#define POSTERN_PENDING 1         /* exactly one complete() must follow */
#define POSTERN_E_INVALID (-1)    /* an argument is out of its range, or the call out of order */
#define POSTERN_E_UNSUPPORTED (-2)
#define POSTERN_E_NOMEM (-3)
#define POSTERN_E_CONFIG (-4)     /* the configuration is wrong; fail() or set_error() said how */
#define POSTERN_E_IO (-5)
#define POSTERN_E_TIMEOUT (-6)
#define POSTERN_E_STALE (-7)      /* the operation was decided already, by deadline or close */
#define POSTERN_E_BUSY (-8)
#define POSTERN_E_INTERNAL (-9)
#define POSTERN_E_NOT_FOUND (-10)
#define POSTERN_E_DENIED (-11)    /* refused by the host's policy (an address, a quota) */

typedef uint64_t postern_op;      /* a slot and a generation, never a pointer; 0 is none */
typedef uint64_t postern_conn_id; /* unique in a process's life; 0 is none */

#ifdef __cplusplus
}
#endif
#endif
