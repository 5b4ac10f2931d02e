#!/usr/bin/env bash
# Every test, on a machine that has nothing installed yet: installs what is missing, builds, runs
# the release tree's tests (the real broker included), the fuzzers, and the whole list again under
# the address and undefined-behaviour sanitizers. What can't be installed is a failure, no skip.
#
#   run.sh              all of it
#   run.sh release      the release tree alone
#   run.sh tsan         the thread sanitizer's run (not part of "all")
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)
which=${1:-all}

stage() { printf '\n== %s (%(%H:%M:%S)T)\n' "$1" -1 >&2; }

install() {
  stage "packages"
  bash deploy/packages.sh test
  stage "broker jars"
  bash tests/acceptance/kafka/kafka-dev.sh install >/dev/null
  stage "oracle's Python packages"
  local wanted=build/oracle-venv/requirements.txt
  if ! cmp -s tests/oracle/requirements.txt "$wanted"; then
    rm -rf build/oracle-venv
    python3 -m venv build/oracle-venv
    build/oracle-venv/bin/pip install -q --disable-pip-version-check \
      -r tests/oracle/requirements.txt
    cp tests/oracle/requirements.txt "$wanted"
  fi
}

build() {
  stage "build $1"
  mkdir -p build
  cmake --preset "$1" -DFENGSUI_DEVELOPER=ON >build/configure-"$1".log 2>&1 ||
    { cat build/configure-"$1".log >&2; exit 1; }
  local target=(); [[ $1 != fuzz ]] || target=(--target fuzzers)
  cmake --build --preset "$1" "${target[@]}" -- -j "$jobs" --quiet
}

# run_tests PRESET [ctest options]
run_tests() {
  stage "tests $1"
  ctest --test-dir build/"$1" -j "$jobs" --output-on-failure "${@:2}"
}

mkdir -p build
install
case $which in
  all)
    build release
    run_tests release
    build fuzz
    run_tests fuzz -L fuzz --verbose  # prints coverage and executions
    build asan
    run_tests asan
    ;;
  release | dev | asan) build "$which"; run_tests "$which" ;;
  fuzz) build fuzz; run_tests fuzz -L fuzz --verbose ;;
  tsan)
    build tsan
    export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp"
    # Debian's librdkafka starts C11 threads, which the sanitizer does not know; and a process so
    # slow is at a checkpoint whenever it is killed (kill_file wants a tail to replay).
    run_tests tsan -LE 'oracle|tidy' -E 'kafka|broker|kill_file$'
    ;;
  *) echo "run.sh: unknown part '$which'; one of all release dev asan fuzz tsan" >&2; exit 2 ;;
esac
