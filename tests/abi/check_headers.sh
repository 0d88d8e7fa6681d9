#!/bin/sh
# check_headers.sh COMPILER STANDARD INCLUDE_DIR: every header of the SDK compiles alone in that
# standard, without one warning.
set -eu
CC=$1
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
standard=$2 include=$3
strict="-std=$standard -pedantic-errors -Wall -Wextra -Wundef -Werror -I$include"

case $standard in
c++*)
    language=c++
    ;;
*)
    language=c
    strict="$strict -Wmissing-prototypes -Wstrict-prototypes"
    ;;
esac
for header in $(public_headers "$include"); do
    # A declaration, since reason.h has none and C wants one.
    # shellcheck disable=SC2086 # a list of flags
    printf '#include <%s>\ntypedef int declared;\n' "$header" | "$CC" $strict -Wpadded -x $language -fsyntax-only - ||
        fail "$header does not stand alone in $standard with $CC"
done
# clang speaks of padding only where a layout is asked for.
# shellcheck disable=SC2086
"$CC" $strict -Wpadded -x $language -fsyntax-only "$here/layout.c"

case $standard in
c++17 | c++20)
    for header in $(cd "$include" && find postern -name '*.hpp' | LC_ALL=C sort); do
        # shellcheck disable=SC2086
        echo "#include <$header>" | "$CC" $strict -Wshadow -Wold-style-cast -Wconversion \
            -Wno-sign-conversion -Wnon-virtual-dtor -x c++ -fsyntax-only - ||
            fail "$header does not stand alone in $standard with $CC"
    done
    # shellcheck disable=SC2086
    "$CC" $strict -Wshadow -Wold-style-cast -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor \
        -x c++ -fsyntax-only "$here/every_hook.cpp"
    ;;
esac
