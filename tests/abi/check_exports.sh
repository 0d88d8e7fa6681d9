#!/bin/sh
# check_exports.sh PLUGIN: postern_module_v1 is the only symbol that the file defines for others.
set -eu
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
need nm
[ -f "$1" ] || fail "$1 has not been built"
exported=$(nm -D --defined-only "$1" | awk '{ print $NF }' | paste -sd ' ')
[ "$exported" = postern_module_v1 ] ||
    fail "$1 should export postern_module_v1 alone; it exports: $exported"
