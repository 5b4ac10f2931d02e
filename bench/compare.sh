#!/usr/bin/env bash
# fengsui and its peers over the same events, side by side in one run: installs what is needed,
# builds, makes the data, then measures in turn. Prints tables with ratios; leaves
# build/compare.json.
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
exec python3 bench/compare.py "$@"
