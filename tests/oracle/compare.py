#!/usr/bin/env python3
"""Replays many seeded streams through fengsui and through the oracle, and compares all they say.

  compare.py --engine BIN --seeds 1-6 [--events N] [--all-settings] [--jobs N]
                                             cities over the pack of this folder
  compare.py --engine BIN --random --seeds 1-200 [--events N] [--keep DIR]
                                             random packs over random events
  compare.py --self-test [--seeds 1-50]      the oracle against wrong variants of itself

Compared: every record in order, the five counters (with each other and with the count of lines of
the input), the dead letters' positions, reasons and bytes. Each seed must also make every rule
produce every kind of record that it can. --engine (or --fengsui) is any program with the command
line of `fengsui replay`, --also another one that must say the same, --engine-args what else they
take; --shards N runs --engine once more with so many. --keep DIR keeps the pack, events and options
of each failing random seed.
"""
import argparse
import multiprocessing
import pathlib
import sys
import tempfile

import city
import diff
import kinds
import oracle
import pack as packs
import random_events
import random_pack
import time_text

CITY_EVENTS = 3000
VALUE_TOLERANCE = 1e-9  # of doubles that come of sines, roots and quotients
TOLERANT = diff.Rules(VALUE_TOLERANCE, [])
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
    found = oracle.replay(pack, content, time_text.parse_duration(args.out_of_orderness),
                          time_text.parse_duration(args.allowed_lateness), args.flush, wrong)
    return diff.Result(*found)


# Cities -----------------------------------------------------------------------------------------


def make_city(seed, events, options, path):
    args = city.parser().parse_args(["--seed", str(seed), "--events", str(events),
                                     *options.split()])
    with open(path, "wb") as out:
        city.write_city(out, args)
    return path.read_bytes()


def check_city(job):
    """What is wrong with a city's seed and setting, or None."""
    seed, setting, args = job
    city_options, options = SETTINGS[setting]
    pack = packs.Pack(HERE / "pack")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "events.ndjson"
        content = make_city(seed, args.events or CITY_EVENTS, city_options, path)
        expected = run_oracle(pack, options, content)
        difference = kinds.complaint(pack, expected.records)
        if difference is None:
            difference = against_engine(args, expected, HERE / "pack", options, path, diff.EXACT)
        return difference


# Random packs -----------------------------------------------------------------------------------


def check_random(job):
    """What is wrong with a random pack's seed, or None."""
    seed, _, args = job
    try:
        found, _ = random_pack.checked_pack(seed, args.events or random_events.EVENTS)
    except ValueError as error:
        return str(error)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        random_pack.write_all(found, folder)
        approximate = [(rule.id, let) for rule in found.pack.rules for let, what in rule.lets
                       if getattr(what, "name", None) == "approx_distinct"]
        difference = against_engine(args, diff.Result(*found.result), folder / "pack",
                                    found.world.replay_options(), folder / "events.ndjson",
                                    diff.Rules(VALUE_TOLERANCE, approximate))
    if difference and args.keep:
        kept = pathlib.Path(args.keep) / f"seed-{seed}"
        kept.mkdir(parents=True, exist_ok=True)
        random_pack.write_all(found, kept)
        difference += f"\n  kept in {kept}"
    return difference


def against_engine(args, expected, pack_folder, options, path, rules):
    lines = diff.count_lines(path.read_bytes())
    runs = [(engine, args.engine_args) for engine in [args.engine] + args.also]
    runs += [(args.engine, f"{args.engine_args} --shards {shards}") for shards in args.shards]
    for engine, engine_args in runs:
        try:
            got = diff.run_fengsui(engine, pack_folder, options, path, path.parent, engine_args)
        except (RuntimeError, ValueError, OSError) as error:
            return f"{engine} {engine_args}: {error}"
        difference = diff.first_difference(expected, got, lines, rules)
        if difference is not None:
            return f"{engine} {engine_args}: {difference}"
    return None


# All of them ------------------------------------------------------------------------------------


def seeds_of(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def compare(args, pool):
    """How many seeds failed; a line for each to see it again."""
    seeds, failed, done = seeds_of(args.seeds or "1-6"), 0, 0
    work = [(seed, setting, args) for seed in seeds for setting in range(len(SETTINGS))
            if setting == seed % len(SETTINGS) or (args.all_settings and not args.random)]
    check = check_random if args.random else check_city
    for (seed, setting, _), difference in zip(work, pool.imap(check, work)):
        done += 1
        if difference is None:
            print(f"ok: seed {seed}", flush=True)
            continue
        failed += 1
        mode = "--random " if args.random else "--all-settings " if args.all_settings else ""
        events = f"--events {args.events} " if args.events else ""
        more = "".join(f"--also {engine} " for engine in args.also)
        more += f"--engine-args='{args.engine_args}' " if args.engine_args else ""
        more += "".join(f"--shards {shards} " for shards in args.shards)
        print(f"FAILED: seed {seed}" + ("" if args.random else f", {SETTINGS[setting]}"))
        print(f"  compare.py {mode}{events}{more}--seeds {seed} --engine {args.engine}\n"
              f"{difference}", flush=True)
    print(f"{done - failed} passed, {failed} failed")
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", "--fengsui")
    parser.add_argument("--also", action="append", default=[], metavar="ENGINE")
    parser.add_argument("--engine-args", default="")
    parser.add_argument("--shards", action="append", default=[], metavar="N")
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--seeds")
    parser.add_argument("--events", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep")
    parser.add_argument("--all-settings", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if not args.self_test and not args.engine:
        parser.error("--engine BIN or --self-test")
    with multiprocessing.Pool(args.jobs) as pool:
        if args.self_test:
            import self_test  # which uses this file
            failed = self_test.run(pool, seeds_of(args.seeds or "1-50"))
        else:
            failed = compare(args, pool)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
