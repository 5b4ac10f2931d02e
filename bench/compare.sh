#!/usr/bin/env bash
# fengsui and its peers over the same events, side by side in one run: installs what is needed,
# builds, makes the data, then measures in turn. Prints tables with ratios; leaves
# build/compare.json. Wants a Rust of 1.85 or newer (Debian 12's is older) for a-tree.
#
#   compare.sh [--rounds 5] [--events 1000000] [--only REGEX]    (compare.py --help)
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
bash deploy/packages.sh bench >&2
cmake --preset release -DFENGSUI_DEVELOPER=ON >/dev/null
cmake --build --preset release -- --quiet >&2
mkdir -p build/peers
cp -r bench/peers/. build/peers/
mvn -B -q -f build/peers/pom.xml package >&2
cargo build --release --quiet --manifest-path build/peers/atree/Cargo.toml >&2
exec python3 bench/compare.py "$@"
