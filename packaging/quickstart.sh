#!/usr/bin/env bash
# usage: quickstart.sh [--once]
# From a bare Debian 12 to a guarded MCP server: installs what is needed, builds, makes a demo PKI,
# starts the gate with all four plugins in front of the built-in MCP server and makes one real MCP
# call over mutual TLS. Then it serves until Ctrl-C; with --once it stops there. As root or with sudo.
set -euo pipefail
cd "$(dirname "$0")/.."

once=no
case "${1:-}" in
  "") ;;
  --once) once=yes ;;
  *) echo "usage: $0 [--once]" >&2; exit 2 ;;
esac

step() { printf '\n=== %s\n' "$*"; }
port=${POSTERN_DEMO_PORT:-8443}
demo=$PWD/build/demo

step "1/4 installing what is needed"
packaging/install-dependencies.sh build
command -v curl > /dev/null || { [ "$(id -u)" -eq 0 ] && apt-get install -q -y --no-install-recommends curl; } ||
  sudo apt-get install -q -y --no-install-recommends curl

step "2/4 building (the first time takes some minutes)"
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
mkdir -p build
cmake --preset release -DPOSTERN_TESTS=OFF > build/release.configure.log 2>&1 || { cat build/release.configure.log; exit 1; }
cmake --build --preset release
postern=$PWD/build/release/core/cli/postern
posternd=$PWD/build/release/core/gate/posternd

step "3/4 a demo PKI and a configuration"
if [ ! -e "$demo/posternd.toml" ]; then
  "$postern" init --directory "$demo" --port "$port"
fi

step "4/4 starting the gate and making one MCP call over mutual TLS"
"$posternd" --config "$demo/posternd.toml" --check
log=$demo/posternd.log
"$posternd" --config "$demo/posternd.toml" > "$log" 2>&1 &
gate=$!
stop() { kill "$gate" 2> /dev/null || true; wait "$gate" 2> /dev/null || true; }
trap stop EXIT INT TERM

for _ in $(seq 100); do
  grep -q ' ready' "$log" && break
  kill -0 "$gate" 2> /dev/null || { cat "$log"; exit 3; }
  sleep 0.1
done
grep -q ' ready' "$log" || { cat "$log"; exit 3; }

call=(curl --silent --show-error --fail-with-body --cacert "$demo/pki/ca.crt"
  --cert "$demo/pki/client.crt" --key "$demo/pki/client.key"
  --header "Content-Type: application/json" --header "Accept: application/json, text/event-stream"
  --data '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{}}}'
  "https://localhost:$port/mcp")
answer=$("${call[@]}")
printf '%s\n' "$answer" > "$demo/whoami.json"
# The tool's text, as a person reads it.
printf '%s' "$answer" | sed -e 's/.*"text":"//' -e 's/"}].*//' -e 's/\\n/\n/g' -e 's/\\"/"/g'
printf '\n\nThe next call:\n '
printf ' %q' "${call[@]}"
printf '\n'

if [ "$once" = yes ]; then
  exit 0
fi
printf '\nThe gate serves until Ctrl-C; its log is %s\n' "$log"
wait "$gate"
