#!/usr/bin/env bash
# Installs the Debian 12 packages that are missing: `packages.sh build` for building and running,
# `packages.sh test` for the tests as well, `packages.sh bench` for bench/compare.sh. As root or
# with sudo; does nothing if all are there.
set -euo pipefail

build=(g++ cmake ninja-build ccache pkg-config
       libboost-dev libcli11-dev libexpected-dev libfmt-dev libicu-dev librdkafka-dev libre2-dev
       librocksdb-dev libsimdjson-dev libspdlog-dev libssl-dev libyaml-cpp-dev libzstd-dev
       nlohmann-json3-dev prometheus-cpp-dev)
tests=(libbenchmark-dev valgrind doctest-dev clang-16 libclang-rt-16-dev clang-format-16 git
       default-jre-headless maven openssl procps python3 python3-venv)
peers=(default-jdk-headless libvectorscan-dev)

die() { echo "packages: $*" >&2; exit 1; }

case ${1:-} in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${build[@]}" "${tests[@]}") ;;
  bench) wanted=("${build[@]}" "${tests[@]}" "${peers[@]}") ;;
  *) die "usage: packages.sh build|test|bench" ;;
esac

command -v apt-get >/dev/null || die "no apt-get here; fengsui is built on Debian 12"
missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || die "needs root or sudo to install: ${missing[*]}"
  as_root=(sudo)
fi
echo "packages: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq >&2 || die "apt-get update failed"
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
  die "could not install: ${missing[*]}"
