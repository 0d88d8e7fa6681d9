#!/bin/sh
# check_layout.sh INCLUDE_DIR GOLDEN_DIR: every member of every public struct stands where it stood,
# and every constant has the value it had.
set -eu
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
need_lp64
include=$1 golden=$2

for name in $(public_headers "$include" | sed "s|^|$include/|" |
    xargs sed -n 's/^.*struct \(postern_[a-z0-9_]*\) {.*/\1/p'); do
    grep -q "^STRUCT($name)\$" "$here/structs.inc" ||
        fail "structs.inc: $name is missing; list it with all its members"
done

write_layout "$include" "$work/layout.txt"
write_constants "$include" "$work/constants.txt"
changed=no
diff -u "$golden/postern-1.layout" "$work/layout.txt" || changed=yes
diff -u "$golden/postern-1.constants" "$work/constants.txt" || changed=yes
[ $changed = no ] ||
    fail "the ABI changed; while 1.0 is a draft: tests/abi/update.sh, and a line in CHANGELOG"
