#!/bin/sh
# check_misuse.sh COMPILER INCLUDE_DIR: a plugin class whose hook would silently never be asked does
# not compile, and the compiler says which.
set -eu
CC=$1
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"

compile() { # case
    "$CC" -std=c++17 -DCASE="$1" -I"$include" -fsyntax-only "$here/misuse.cpp" >"$work/log" 2>&1
}

include=$2
compile 0 || fail "the class without a mistake does not compile: $(cat "$work/log")"
for mistake in "1 on_request is there" "2 on_peer_certificate is there" "3 on_accept is there" \
    "4 the plugin has no hook" "5 release needs acquire" "6 on_request is there" "7 cannot be final"; do
    compile "${mistake%% *}" && fail "CASE ${mistake%% *} of misuse.cpp compiles"
    grep -q "${mistake#* }" "$work/log" || fail "CASE $mistake: $(cat "$work/log")"
done
