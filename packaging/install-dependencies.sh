#!/usr/bin/env bash
# usage: install-dependencies.sh build | test
# Installs from Debian 12's packages what building (and testing) Postern needs, and nothing if it is
# all there. As root or with sudo.
set -euo pipefail

build_packages=(
  build-essential ccache cmake ninja-build pkg-config
  libboost-dev libcli11-dev libcurl4-gnutls-dev libgnutls28-dev libpoco-dev libsimdjson-dev
  libsystemd-dev libtomlplusplus-dev nlohmann-json3-dev
)
test_packages=(
  abigail-tools clang clang-format-14 clang-tidy-14 curl faketime git gnutls-bin haproxy libbenchmark-dev
  libboost-test-dev libclang-rt-14-dev nginx-light nodejs npm openssl python3 shellcheck
)

case "${1:-}" in
  build) packages=("${build_packages[@]}") ;;
  test) packages=("${build_packages[@]}" "${test_packages[@]}") ;;
  *) echo "usage: $0 build | test" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
  # A Node.js from elsewhere than Debian does as well.
  case "$package" in nodejs|npm) command -v "${package/nodejs/node}" > /dev/null && continue ;; esac
  dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  echo "dependencies: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || { echo "$0: run as root or install sudo; needed: ${missing[*]}" >&2; exit 2; }
  as_root=(sudo)
fi
echo "dependencies: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
