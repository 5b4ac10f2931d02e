#!/usr/bin/env bash
# From a fresh Debian 12 to graded alerts out of a simulated city: installs what is missing, builds,
# and runs the demo. `quickstart.sh --once` ends by itself with a summary.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

bash deploy/packages.sh build
cmake --preset release -DFENGSUI_DEVELOPER=OFF >build-quickstart.log 2>&1 ||
  { cat build-quickstart.log >&2; rm -f build-quickstart.log; exit 3; }
rm -f build-quickstart.log
cmake --build --preset release --target fengsui
exec build/release/fengsui demo --pack rules "$@"
