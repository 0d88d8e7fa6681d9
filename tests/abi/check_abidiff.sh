#!/bin/sh
# check_abidiff.sh INCLUDE_DIR GOLDEN_DIR: abidiff finds no difference from the baseline but added
# symbols, which are structs that did not exist before.
set -eu
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
need abidiff
need abidw
need_lp64
include=$1 golden=$2

build_probe "$include" "$work/libprobe.so"
# Both sides as text, so that what abidw leaves out cannot differ.
write_abi "$work/libprobe.so" "$work/now.abi.xml"
abidiff --no-added-syms --harmless --no-architecture "$golden/postern-1.abi.xml" \
    "$work/now.abi.xml" ||
    fail "the ABI changed; while 1.0 is a draft: tests/abi/update.sh, and a line in CHANGELOG"
