/* SPDX-License-Identifier: Apache-2.0
 *
 * version.h - the version of Postern and of its plugin ABI. The one source of both:
 * CMakeLists.txt reads them from here. */
#ifndef POSTERN_VERSION_H
#define POSTERN_VERSION_H

#include <stdint.h>

#define POSTERN_VERSION_MAJOR 0
#define POSTERN_VERSION_MINOR 1
#define POSTERN_VERSION_PATCH 0

/* An ABI version is major << 16 | minor. A plugin loads when the majors match and the host's
 * minor is at least the plugin's min_host_abi; see module.h. */
#define POSTERN_ABI(major, minor) ((UINT32_C(1) * (major) << 16) | (UINT32_C(1) * (minor)))
#define POSTERN_ABI_MAJOR 1
#define POSTERN_ABI_MINOR 0
#define POSTERN_ABI_VERSION POSTERN_ABI(POSTERN_ABI_MAJOR, POSTERN_ABI_MINOR)

#endif
