#!/usr/bin/env python3
"""Runs every hand-worked case through `fengsui replay` and compares by JSON value.

  check.py --fengsui BIN [CASE...]      needs no package
  check.py --oracle [CASE...]           the oracle over the same cases (needs its venv)

A case is a folder: pack/, events.ndjson, expected.ndjson, why.md; where it matters, options (flags
of replay), counters.json, dead.ndjson (position and reason of each dead letter, in order) and
tolerance (relative, of doubles in `values`, where they come of sines and roots).
"""
import argparse
import base64
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))

import diff  # noqa: E402  (beside the oracle)


def read_case(folder):
    """(options, the expected result in part: counters and dead letters only if written down)."""
    options = folder / "options"
    expected = diff.read_lines((folder / "expected.ndjson").read_bytes())
    counters, dead = folder / "counters.json", folder / "dead.ndjson"
    return (options.read_text("utf-8").strip() if options.exists() else "", expected,
            json.loads(counters.read_text("utf-8")) if counters.exists() else None,
            diff.read_lines(dead.read_bytes()) if dead.exists() else None)


def run_oracle(folder, options, content):
    import compare  # the oracle's packages are needed from here on
    import pack
    return compare.run_oracle(pack.Pack(folder / "pack"), options, content)


def check(folder, binary):
    """What is wrong with one case, or None."""
    options, records, counters, dead = read_case(folder)
    content = (folder / "events.ndjson").read_bytes()
    if binary is None:
        got = run_oracle(folder, options, content)
    else:
        with tempfile.TemporaryDirectory() as name:
            got = diff.run_fengsui(binary, folder / "pack", options, folder / "events.ndjson",
                                   pathlib.Path(name))
    expected = diff.Result(records, counters or got.counters, got.dead)
    tolerance = folder / "tolerance"
    rules = diff.Rules(float(tolerance.read_text("utf-8"))) if tolerance.exists() else diff.EXACT
    difference = diff.first_difference(expected, got, diff.count_lines(content), rules)
    return difference or dead_difference(dead, got.dead, content)


def dead_difference(expected, got, content):
    """Positions and reasons as written down; the bytes are those of the file at that place."""
    for line in got:
        raw = base64.b64decode(line.get("bytes", ""))
        if not content.startswith(raw, line["position"]):
            return f"dead letter at {line['position']}: not the file's bytes there"
    if expected is None:
        return None
    shown = [{key: line[key] for key in want} for want, line in zip(expected, got)]
    if len(expected) != len(got) or shown != expected:
        have = [{"position": line["position"], "reason": line["reason"]} for line in got]
        return f"dead letters:\n  expected {expected}\n  got      {have}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui")
    parser.add_argument("--oracle", action="store_true")
    parser.add_argument("cases", nargs="*", help="parts of case names; none: all")
    args = parser.parse_args()
    if not args.fengsui and not args.oracle:
        parser.error("--fengsui BIN, --oracle, or both")
    passed = failed = 0
    for binary in [args.fengsui] * bool(args.fengsui) + [None] * args.oracle:
        for folder in sorted(path.parent for path in HERE.glob("*/expected.ndjson")):
            if args.cases and not any(part in folder.name for part in args.cases):
                continue
            try:
                difference = check(folder, binary)
            except Exception as error:  # one broken case must not hide the others
                difference = repr(error)
            passed, failed = passed + (difference is None), failed + (difference is not None)
            if difference is not None:
                print(f"FAILED: {folder.name} ({'fengsui' if binary else 'oracle'})\n{difference}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
