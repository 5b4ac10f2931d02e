#!/usr/bin/env python3
"""`fengsui generate` through `fengsui replay` and through the oracle: the default pack over the
city, the reference pack over the reference workload.

  workloads.py --fengsui BIN --pack DIR --feeds city|reference [--events N] [--seeds 1-4]

The default pack's rules must each open, raise where they have grades to climb, and clear.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import compare
import diff
import kinds
import pack as packs

# (of generate, of replay): seed n takes the n-th, round and round.
SETTINGS = [
    ("--disorder-ms 4000 --dup 0.05 --bad 0.05",
     "--out-of-orderness 3s --allowed-lateness 500ms --flush"),
    ("", "--flush"),
    ("--disorder-ms 20000 --dup 0.02", "--out-of-orderness 20s"),
]


def check(binary, pack_folder, feeds, events, seed, every_kind):
    generated, options = SETTINGS[seed % len(SETTINGS)]
    pack = packs.Pack(pathlib.Path(pack_folder))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "events.ndjson"
        with open(path, "wb") as out:
            subprocess.run([binary, "generate", "--feeds", feeds, "--events", str(events),
                            "--seed", str(seed), *generated.split()], stdout=out, check=True)
        content = path.read_bytes()
        expected = compare.run_oracle(pack, options, content)
        if every_kind and "--flush" in options:
            missing = kinds.complaint(pack, expected.records)
            if missing:
                return missing
        got = diff.run_fengsui(binary, pack_folder, options, path, folder)
        return diff.first_difference(expected, got, diff.count_lines(content))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", required=True)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--feeds", required=True)
    parser.add_argument("--events", type=int, default=6000)
    parser.add_argument("--seeds", default="1-3")
    parser.add_argument("--every-kind", action="store_true")
    args = parser.parse_args()
    first, _, last = args.seeds.partition("-")
    failed = 0
    for seed in range(int(first), int(last or first) + 1):
        difference = check(args.fengsui, args.pack, args.feeds, args.events, seed, args.every_kind)
        failed += difference is not None
        print(f"{'ok' if difference is None else 'FAILED'}: seed {seed}: {difference or ''}",
              flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
