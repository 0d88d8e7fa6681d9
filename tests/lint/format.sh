#!/usr/bin/env bash
# usage: format.sh [--fix]
# clang-format 14 and no other: another version formats otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v clang-format-14 > /dev/null || { echo "skipped: no clang-format-14"; exit 77; }
mode=(--dry-run --Werror)
[ "${1:-}" = --fix ] && mode=(-i)
find core plugins tests sdk -name node_modules -prune -o \( -name '*.cpp' -o -name '*.h' -o -name '*.hpp' \) \
  -not -path 'sdk/include/postern/*.h' -not -path 'sdk/templates/c/*' -print0 | xargs -0 clang-format-14 "${mode[@]}"
