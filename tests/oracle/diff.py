"""Runs fengsui, and tells the first difference between two results. Needs no package."""
import json
import math
import subprocess

COUNTERS = ["read", "processed", "duplicate", "late", "dead_letter"]


class Result:
    """What one program said: records, counters, dead letters."""

    def __init__(self, records, counters, dead):
        self.records, self.counters = records, counters
        self.dead = sorted(dead, key=lambda line: line["position"])


def run_fengsui(binary, pack, options, events_file, folder, more=""):
    """What `BINARY replay` says; `more` are further arguments, for another program like it."""
    dead_file = folder / "dead.ndjson"
    done = subprocess.run([binary, "replay", "--pack", str(pack), *options.split(),
                           *more.split(), "--no-progress", "--dead-letters", str(dead_file),
                           str(events_file)],
                          capture_output=True, check=False)
    errors = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise RuntimeError(f"fengsui left with {done.returncode}: {errors[-2000:]}")
    dead = read_lines(dead_file.read_bytes()) if dead_file.exists() else []
    return Result(read_lines(done.stdout), json.loads(errors.splitlines()[-1]), dead)


def read_lines(content):
    return [json.loads(line) for line in content.decode("utf-8").split("\n") if line]


class Rules:
    """How near two values must be: `tolerance` is relative, of numbers that are not both whole;
    `approximate` are the (rule, let name) of approx_distinct, which may be off by 2 % above 256."""

    def __init__(self, tolerance=0.0, approximate=()):
        self.tolerance, self.approximate = tolerance, frozenset(approximate)

    def same_record(self, expected, got):
        if expected.keys() != got.keys():
            return False
        return all(self.same_values(expected, got) if key == "values" else same(value, got[key])
                   for key, value in expected.items())

    def same_values(self, expected, got):
        want, have = expected["values"], got["values"]
        return want.keys() == have.keys() and all(
            self.near_count(value, have[name]) if (expected["rule"], name) in self.approximate
            else same(value, have[name], self.tolerance) for name, value in want.items())

    def near_count(self, expected, got):
        if not isinstance(got, int) or isinstance(got, bool):
            return False
        return abs(expected - got) <= (0.02 * expected if expected > 256 else 0)


EXACT = Rules()


def same(expected, got, tolerance=0.0):
    """Equal as JSON values: numbers by value, a bool is no number."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, dict) and isinstance(got, dict):
        return (expected.keys() == got.keys()
                and all(same(v, got[k], tolerance) for k, v in expected.items()))
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(
            same(want, have, tolerance) for want, have in zip(expected, got))
    if tolerance and (isinstance(expected, float) or isinstance(got, float)):
        numbers = isinstance(expected, (int, float)) and isinstance(got, (int, float))
        return numbers and math.isclose(expected, got, rel_tol=tolerance)
    return expected == got


def first_difference(expected, got, lines, rules=EXACT):
    """A readable text, or None where the two results are the same."""
    for i in range(max(len(expected.records), len(got.records))):
        want = expected.records[i] if i < len(expected.records) else None
        have = got.records[i] if i < len(got.records) else None
        if want is None or have is None or not rules.same_record(want, have):
            return describe(i, want, have)
    for name in COUNTERS:
        if expected.counters[name] != got.counters.get(name):
            return (f"counter {name}: expected {expected.counters[name]}, "
                    f"got {got.counters.get(name)}")
    total = sum(got.counters[name] for name in COUNTERS[1:])
    if not got.counters["read"] == total == lines:
        return f"read {got.counters['read']}, outcomes {total}, lines of the input {lines}"
    return dead_difference(expected.dead, got.dead)


def describe(i, want, have):
    text = [f"record {i + 1}:"]
    for name, record in (("expected", want), ("got     ", have)):
        shown = "nothing" if record is None else json.dumps(record, ensure_ascii=False)
        text.append(f"  {name} {shown}")
    if want is not None and have is not None and all(
            want[key] == have[key] for key in ("kind", "rule", "time")):
        for key in list(want) + [k for k in have if k not in want]:
            missing = "(no such key)"
            if not same(want.get(key, missing), have.get(key, missing)):
                text.append(f"  {want['rule']} at {want['time']}: {key}: expected "
                            f"{want.get(key, missing)!r}, got {have.get(key, missing)!r}")
    return "\n".join(text)


def dead_difference(expected, got):
    for i in range(max(len(expected), len(got))):
        want = expected[i] if i < len(expected) else {}
        have = got[i] if i < len(got) else {}
        for key in ("position", "reason", "bytes", "sha256"):
            if want.get(key) != have.get(key):
                return (f"dead letter {i + 1}: {key}: expected {want.get(key)!r}, "
                        f"got {have.get(key)!r}\n  expected {want}\n  got      {have}")
    return None


def count_lines(content):
    """The records of the input, counted without the oracle's reader."""
    return sum(1 for line in content.split(b"\n") if line.strip(b" "))
