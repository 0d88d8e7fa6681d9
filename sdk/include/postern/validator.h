/* SPDX-License-Identifier: Apache-2.0
 *
 * validator.h - the general policy interface: asked in every phase it has a function for. */
#ifndef POSTERN_VALIDATOR_H
#define POSTERN_VALIDATOR_H

#include "call.h"
#include "verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_IF_VALIDATOR "postern.validator/1"

/* A NULL member is a phase that is not wanted. [loop] */
typedef struct postern_validator {
    uint32_t struct_size;
    uint32_t reserved;
    postern_rc (*on_accept)(void *self, const postern_call *call, postern_verdict *out);
    postern_rc (*on_client_hello)(void *self, const postern_call *call,
                                  const postern_client_hello *hello, postern_verdict *out);
    postern_rc (*on_peer_certificate)(void *self, const postern_call *call,
                                      const postern_peer_cert *cert, postern_verdict *out);
    postern_rc (*on_established)(void *self, const postern_call *call,
                                 const postern_session *session, postern_verdict *out);
    postern_rc (*on_request)(void *self, const postern_call *call, const postern_request *request,
                             postern_verdict *out);
    /* Once for each connection on which any hook of this instance ran, after the last one has
     * completed. */
    void (*on_close)(void *self, const postern_call *call, const postern_close *info);
} postern_validator;

#ifdef __cplusplus
}
#endif
#endif
