#!/usr/bin/env python3
"""Replays many seeded cities through fengsui and through the oracle, and compares all they say.

  compare.py --fengsui BIN --seeds 1-20 [--events N] [--all-settings] [--jobs N]
  compare.py --self-test                     the oracle against wrong variants of itself

Compared: every record in order, the five counters (with each other and with the count of lines of
the input), the dead letters' positions, reasons and bytes. Each seed must also make every rule
produce every kind of record that it can.
"""
import argparse
import multiprocessing
import pathlib
import sys
import tempfile

import city
import diff
import oracle
import pack as packs
import timeutil

HERE = pathlib.Path(__file__).resolve().parent
# (of the city, of the replay): seed n takes the n-th, round and round.
SETTINGS = [
    ("--disorder-ms 5000 --dup 0.05 --bad 0.1 --late 0.03",
     "--out-of-orderness 5s --allowed-lateness 5m"),
    ("--dup 0.05 --bad 0.1", "--flush"),
    ("--disorder-ms 60000 --dup 0.1 --bad 0.05 --late 0.05",
     "--out-of-orderness 30s --allowed-lateness 1h --flush"),
    ("--disorder-ms 20000 --dup 0.05 --bad 0.05 --late 0.02", "--out-of-orderness 1m30s"),
    ("--disorder-ms 3000 --dup 0.05 --bad 0.05 --late 0.1", "--allowed-lateness 20m"),
    ("--disorder-ms 600000 --dup 0.05 --bad 0.05 --late 0.05",
     "--out-of-orderness 10m --allowed-lateness 1m --flush"),
]


def run_oracle(pack, options, content, wrong=()):
    p = argparse.ArgumentParser()
    p.add_argument("--out-of-orderness", default="0")
    p.add_argument("--allowed-lateness", default="0")
    p.add_argument("--flush", action="store_true")
    args = p.parse_args(options.split())
    found = oracle.replay(pack, content, timeutil.parse_duration(args.out_of_orderness),
                          timeutil.parse_duration(args.allowed_lateness), args.flush, wrong)
    return diff.Result(*found)


# Kinds ------------------------------------------------------------------------------------------


def kinds_of(rule):
    """The kinds of record that a rule can make."""
    if rule.mode != "live":
        return set()
    if rule.quiet == 0:
        return {"open"}
    return {"open", "clear"} | ({"raise"} if rule.grouped and len(rule.grade) > 1 else set())


def missing_kinds(pack, records):
    seen = {(record["rule"], record["kind"]) for record in records}
    return sorted(f"{rule.id} {kind}" for rule in pack.rules for kind in kinds_of(rule)
                  if (rule.id, kind) not in seen)


# Seeds ------------------------------------------------------------------------------------------


def make_city(seed, events, options, path):
    args = city.parser().parse_args(["--seed", str(seed), "--events", str(events),
                                     *options.split()])
    with open(path, "wb") as out:
        city.write_city(out, args)
    return path.read_bytes()


def check_seed(job):
    """(seed, setting's number, text of what is wrong or None)."""
    seed, setting, events, binary = job
    city_options, options = SETTINGS[setting]
    pack = packs.Pack(HERE / "pack")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        content = make_city(seed, events, city_options, folder / "events.ndjson")
        expected = run_oracle(pack, options, content)
        missing = missing_kinds(pack, expected.records)
        if missing:
            return seed, setting, "never seen: " + ", ".join(missing)
        try:
            got = diff.run_fengsui(binary, HERE / "pack", options, folder / "events.ndjson", folder)
        except (RuntimeError, ValueError, OSError) as error:
            return seed, setting, str(error)
    return seed, setting, diff.first_difference(expected, got, diff.count_lines(content))


def check_wrong(job):
    """A wrong variant of the oracle must be noticed by one of a few seeds: None, or the text that
    says it was not."""
    wrong, events = job
    pack = packs.Pack(HERE / "pack")
    for seed in range(1, 5 if wrong else 2):
        city_options, options = SETTINGS[seed % len(SETTINGS)]
        with tempfile.TemporaryDirectory() as name:
            content = make_city(seed, events, city_options, pathlib.Path(name) / "events.ndjson")
        expected = run_oracle(pack, options, content)
        got = run_oracle(pack, options, content, [wrong] if wrong else ())
        difference = diff.first_difference(expected, got, diff.count_lines(content))
        if difference:
            return wrong, f"seed {seed}: {difference}"
    return wrong, None


def self_test(events, jobs):
    """Every wrong variant differs; the right one does not."""
    failed = 0
    with multiprocessing.Pool(jobs) as pool:
        work = [(wrong, events) for wrong in [None] + ["sliding-closed", "tumbling-utc", "no-dedupe", "clear-early"]]
        for wrong, difference in pool.imap(check_wrong, work):
            good = (difference is None) == (wrong is None)
            failed += not good
            print(f"{'ok' if good else 'FAILED'}: {wrong or 'the oracle itself'}: "
                  f"{difference or 'no difference'}", flush=True)
    return failed


def compare(args):
    first, _, last = args.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    work = [(seed, setting, args.events, args.fengsui) for seed in seeds
            for setting in range(len(SETTINGS))
            if args.all_settings or setting == seed % len(SETTINGS)]
    failed = 0
    with multiprocessing.Pool(args.jobs) as pool:
        for seed, setting, difference in pool.imap(check_seed, work):
            if difference is None:
                print(f"ok: seed {seed}, {SETTINGS[setting][1]}", flush=True)
                continue
            failed += 1
            print(f"FAILED: seed {seed}\n  city.py --seed {seed} --events {args.events} "
                  f"{SETTINGS[setting][0]}\n  replay {SETTINGS[setting][1]}\n{difference}",
                  flush=True)
    print(f"{len(work) - failed} passed, {failed} failed")
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui")
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--all-settings", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if not args.self_test and not args.fengsui:
        parser.error("--fengsui BIN or --self-test")
    failed = self_test(args.events, args.jobs) if args.self_test else compare(args)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
