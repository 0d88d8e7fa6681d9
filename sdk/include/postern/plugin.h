/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin.h - the whole plugin ABI, major 1. Include this, export postern_module_v1, link nothing.
 * types.h has the rules of the boundary, module.h the life of an instance, call.h the phases. */
#ifndef POSTERN_PLUGIN_H
#define POSTERN_PLUGIN_H

/* IWYU pragma: begin_exports */
#include "call.h"
#include "module.h"
#include "pinning.h"
#include "ratelimit.h"
#include "reason.h"
#include "revocation.h"
#include "service/clock.h"
#include "service/config.h"
#include "service/crypto.h"
#include "service/executor.h"
#include "service/fetch.h"
#include "service/log.h"
#include "service/metrics.h"
#include "service/store.h"
#include "service/x509.h"
#include "types.h"
#include "validator.h"
#include "verdict.h"
#include "version.h"
/* IWYU pragma: end_exports */

#endif
