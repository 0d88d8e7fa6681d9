# shellcheck shell=sh
# Sourced by the scripts beside it. Each takes the SDK's include directory as its argument, so that
# a mutated copy can be judged by the same words.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "skipped: $1"
    exit 77
}

need() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

fail() {
    echo "$1" >&2
    exit 1
}

# The public headers, relative to the include directory.
public_headers() {
    (cd "$1" && find postern -name '*.h' | LC_ALL=C sort)
}

need "${CC:=cc}"

# The layouts and constants below are those of the 64-bit data model, and are checked there.
need_lp64() {
    echo '#if __SIZEOF_POINTER__ != 8
#error
#endif' | "$CC" -x c -fsyntax-only - 2>/dev/null || skip "the goldens are for 64-bit machines"
}

write_layout() { # include directory, output
    "$CC" -std=c99 -Wpadded -Werror -I"$1" "$here/layout.c" -o "$work/layout" &&
        "$work/layout" >"$2"
}

# Numbers and names that plugins compiled in. The product's version and guards are no part of it.
write_constants() { # include directory, output
    echo '#include <postern/plugin.h>' | "$CC" -std=c99 -I"$1" -x c -dM -E - |
        grep -E '^#define POSTERN_[A-Z0-9_]+ .' |
        grep -Ev '^#define POSTERN_([A-Z0-9_]+_H|EXPORT|VERSION_[A-Z]+) ' | LC_ALL=C sort >"$2"
}

# Compiled where it lies, so that no path gets into the debug information.
build_probe() { # include directory, output
    (cd "$here" && "$CC" -std=c99 -g -O0 -fPIC -shared -nostdlib -I"$1" probe.c -o "$2")
}

write_abi() { # probe library, output
    abidw --no-comp-dir-path --no-corpus-path --no-show-locs --short-locs --no-architecture \
        --no-elf-needed --type-id-style hash --out-file "$2" "$1"
}
