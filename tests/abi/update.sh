#!/bin/sh
# update.sh: writes the ABI's goldens anew. Only while 1.0 is a draft, or for an addition; a change
# needs a line under "SDK ABI" in CHANGELOG in the same commit.
set -eu
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
need abidw
need_lp64
sdk=$here/../../sdk

write_layout "$sdk/include" "$sdk/abi/postern-1.layout"
write_constants "$sdk/include" "$sdk/abi/postern-1.constants"
build_probe "$sdk/include" "$work/libprobe.so"
write_abi "$work/libprobe.so" "$sdk/abi/postern-1.abi.xml"
