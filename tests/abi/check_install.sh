#!/bin/sh
# check_install.sh BUILD_DIR: both templates build against the installed SDK and nothing else, with
# CMake and with pkg-config.
set -eu
# shellcheck source=tests/abi/lib.sh
. "$(dirname "$0")/lib.sh"
need cmake
need "${CXX:=c++}"
prefix=$work/prefix
unset CFLAGS CXXFLAGS LDFLAGS

cmake --install "$1" --component sdk --prefix "$prefix" >"$work/log" || fail "$(cat "$work/log")"
for language in c cpp; do
    {
        cmake -S "$prefix/share/postern/templates/$language" -B "$work/$language" \
            -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" \
            -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" &&
            cmake --build "$work/$language" &&
            DESTDIR=$work/root cmake --install "$work/$language"
    } >"$work/log" 2>&1 || fail "$language: $(cat "$work/log")"
    "$here/check_exports.sh" "$work/$language/denylist.so"
    [ -n "$(find "$work/root" -path '*/postern/plugins/denylist.so')" ] ||
        fail "$language: denylist.so was not installed into postern/plugins"
    rm -rf "$work/root"
done
if cmake -S "$here/wants_next_major" -B "$work/next" -DCMAKE_PREFIX_PATH="$prefix" \
    >"$work/log" 2>&1; then
    fail "find_package(postern-sdk 2.0) took an SDK of major 1"
fi

need pkg-config
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name postern-sdk.pc)")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs postern-sdk)
# shellcheck disable=SC2086 # a list of flags
"$CC" -std=c99 -shared -o "$work/c.so" "$prefix/share/postern/templates/c/denylist.c" $flags
# shellcheck disable=SC2086
"$CXX" -std=c++17 -shared -o "$work/cpp.so" "$prefix/share/postern/templates/cpp/denylist.cpp" \
    $flags
"$here/check_exports.sh" "$work/c.so"
"$here/check_exports.sh" "$work/cpp.so"
case $(pkg-config --variable=plugindir postern-sdk) in
*/postern/plugins) ;;
*) fail "postern-sdk.pc: plugindir is \"$(pkg-config --variable=plugindir postern-sdk)\"" ;;
esac
