#!/bin/sh
# check_mutations.sh INCLUDE_DIR GOLDEN_DIR: the gates notice what they are there for. Each mutation
# is made in a copy of the headers, and at least one gate must refuse it.
set -eu
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
need abidiff
need abidw
need_lp64
include=$1 golden=$2

mutate() { # file, sed expression, gate that must refuse
    rm -rf "$work/copy"
    cp -R "$include" "$work/copy"
    sed -i "$2" "$work/copy/postern/$1"
    cmp -s "$include/postern/$1" "$work/copy/postern/$1" && fail "$1: \"$2\" changes nothing"
    if "$here/$3" "$work/copy" "$golden" >"$work/output" 2>&1; then
        fail "$3 did not notice \"$2\" in $1"
    fi
    grep -q "the ABI changed\|structs.inc\|padded" "$work/output" ||
        fail "$3 failed for another reason on \"$2\" in $1: $(cat "$work/output")"
}

# Another type of the same size, a parameter of a callback, two members swapped, one taken away,
# one put in the middle, one added at the end, a struct nobody listed, another value.
mutate verdict.h 's/int64_t revoked_at/uint64_t revoked_at/' check_abidiff.sh
mutate validator.h 's/on_accept)(void \*self, const/on_accept)(void *self, uint32_t extra, const/' \
    check_abidiff.sh
mutate call.h 's/uint64_t bytes_in;/uint64_t swap;/; s/uint64_t bytes_out;/uint64_t bytes_in;/; s/uint64_t swap;/uint64_t bytes_out;/' \
    check_layout.sh
mutate verdict.h 's/^    uint64_t delay_ns;.*//' check_abidiff.sh
mutate call.h 's/^    uint64_t duration_ns;/    uint64_t more; uint64_t duration_ns;/' check_layout.sh
mutate call.h 's/^    uint64_t duration_ns;/    uint64_t duration_ns; uint64_t more;/' check_abidiff.sh
mutate call.h 's/^typedef struct postern_close {/typedef struct postern_new { int x; } postern_new;\n&/' \
    check_layout.sh
mutate verdict.h 's/ACTION_DENY 2u/ACTION_DENY 4u/' check_layout.sh
