#!/usr/bin/env python3
"""Runs a libFuzzer target from its seeds for a number of executions and prints its coverage.

  run_fuzzer.py BINARY SEEDS --runs N [--expect-crash]

The inputs it finds stay in a folder that goes at the end; a crashing input is printed in full, so
that it can become a seed. The fuzzer's own seed is fixed: the same binary does the same work.
"""
import argparse
import base64
import os
import re
import subprocess
import sys
import tempfile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("seeds")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--expect-crash", action="store_true")
    options = parser.parse_args()
    if not os.listdir(options.seeds):
        sys.exit(f"no seeds in {options.seeds}")
    with tempfile.TemporaryDirectory() as work:
        found = os.path.join(work, "found")
        os.mkdir(found)
        done = subprocess.run(
            [options.binary, f"-runs={options.runs}", "-seed=20260301", "-max_len=4096",
             "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=1",
             f"-artifact_prefix={work}/", found, options.seeds],
            stderr=subprocess.PIPE, text=True, errors="replace", check=False)
        log = done.stderr
        crashes = [name for name in os.listdir(work)
                   if re.match(r"(crash|timeout|oom|leak)-", name)]
        for name in crashes:
            with open(os.path.join(work, name), "rb") as file:
                print(name, base64.b64encode(file.read()).decode())
    coverage = [line for line in log.splitlines() if " cov: " in line]
    executed = re.search(r"number_of_executed_units:\s*(\d+)", log)
    print("first:", coverage[0] if coverage else "none")
    print("last: ", coverage[-1] if coverage else "none")
    print("executions:", executed.group(1) if executed else "unknown")
    if options.expect_crash:
        if done.returncode == 0 or not crashes:
            sys.exit("the planted crash was not found")
        print("the planted crash was found")
        return
    if done.returncode != 0 or crashes:
        print(log[-6000:])
        sys.exit(f"the fuzzer ended with {done.returncode}")
    if not executed or int(executed.group(1)) < options.runs:
        sys.exit(f"fewer than {options.runs} executions")


if __name__ == "__main__":
    main()
