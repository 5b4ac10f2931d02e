#!/usr/bin/env python3
"""`fengsui generate` through `fengsui replay` and through the oracle: the default pack over the
city, the reference pack over the reference workload.

  workloads.py --fengsui BIN --pack DIR --feeds city|reference [--events N] [--seeds 1-4]

With --every-kind each rule of the pack must open, raise where it has grades to climb, and clear in
one of the seeds: some situations of the city take a minute, some four weeks.
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

# (of generate, of replay, times so many events): seed n takes the n-th, round and round.
SETTINGS = [
    ("--disorder-ms 4000 --dup 0.05 --bad 0.05",
     "--out-of-orderness 3s --allowed-lateness 500ms --flush", 1),
    ("", "--flush", 1),
    ("--disorder-ms 20000 --dup 0.02", "--out-of-orderness 20s", 1),
    ("--rate 0.002", "--flush", 1.5),  # four weeks
]


def check(binary, pack_folder, pack, feeds, events, seed):
    """(the records that must come, the first difference or None)"""
    generated, options, share = SETTINGS[seed % len(SETTINGS)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "events.ndjson"
        with open(path, "wb") as out:
            subprocess.run([binary, "generate", "--feeds", feeds, "--seed", str(seed),
                            "--events", str(round(events * share)), *generated.split()],
                           stdout=out, check=True)
        content = path.read_bytes()
        expected = compare.run_oracle(pack, options, content)
        got = diff.run_fengsui(binary, pack_folder, options, path, folder)
        return expected.records, diff.first_difference(expected, got, diff.count_lines(content),
                                                       compare.TOLERANT)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", required=True)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--feeds", required=True)
    parser.add_argument("--events", type=int, default=6000)
    parser.add_argument("--seeds", default="1-4")
    parser.add_argument("--every-kind", action="store_true")
    args = parser.parse_args()
    first, _, last = args.seeds.partition("-")
    pack = packs.Pack(pathlib.Path(args.pack))
    failed, records = 0, []
    for seed in range(int(first), int(last or first) + 1):
        expected, difference = check(args.fengsui, args.pack, pack, args.feeds, args.events, seed)
        records += expected
        failed += difference is not None
        print(f"{'ok' if difference is None else 'FAILED'}: seed {seed}: {difference or ''}",
              flush=True)
    complaint = kinds.complaint(pack, records) if args.every_kind else None
    if complaint:
        failed += 1
        print(f"FAILED: {complaint}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
