#!/usr/bin/env bash
# Installs what it needs, builds and runs every test: dev in full, then under the sanitizers, then a
# short run of each fuzz target. As root or with sudo on Debian 12.
set -euo pipefail
cd "$(dirname "$0")/.."

started=$SECONDS
step() { printf '\n=== [%4d s] %s\n' "$((SECONDS - started))" "$*"; }

# The same code is compiled in four presets and again after every clone: the cache is keyed by what
# is compiled, not by where it lies.
# LANG is part of what the cache is keyed by.
export LANG=${LANG:-C.UTF-8}
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros

build() {
  step "$1: configure"
  cmake --preset "$1" > "build/$1.configure.log" 2>&1 || { cat "build/$1.configure.log"; exit 1; }
  step "$1: build"
  cmake --build --preset "$1"
}

mkdir -p build
step "dependencies"
packaging/install-dependencies.sh test
step "official MCP clients and servers"
(cd tests/integration/mcp && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)

build asan
step "asan: unit tests, plugins that misbehave, the gate under attack"
ctest --preset asan -L sanitize -j2

build tsan
step "tsan: what has threads"
ctest --preset tsan -L threads -j2

build fuzz
step "fuzz: a short run of each target"
ctest --preset fuzz -L fuzz -j2

build dev
step "dev: every test"
ctest --preset dev -j2
step "done"
