#!/usr/bin/env python3
"""How the cost of an event grows with rules, groups and the window's length: tables and plots.

  growth.py [--plots bench/plots] [--long] [--only rules|groups|window|shards]

`rules`: raw bytes to matches over 10 to 100,000 predicates (bench/predicates.py). `groups`,
`window` and `shards`: `fengsui replay` of one rule, a sliding count and sum by key, over events
made here, read from a pipe; its hits must be those of a sum kept here. Processor time of the whole
process; for shards the wall clock too. --long adds 10 million groups.
"""
import argparse
import collections
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent / "build" / "release"
EVENTS = 1_000_000
START_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
DAY_MS = 86_400_000
SCHEMA = """event: gate.pass
type: object
required: [ gate, load ]
properties:
  gate: { type: string }
  load: { type: integer }
"""
RULE = """rules:
  - id: busy-gate
    from: gate.pass
    by: gate
    window: { sliding: %s }
    let: { passes: count(), load: sum(load) }
    grade: { blue: load %% 97 == 0 }
    purpose: { use: benchmark, basis: benchmark, retain: 60d }
"""


def time_text(milliseconds):
    day, rest = divmod(milliseconds - START_MS, DAY_MS)
    month, day = divmod(day, 31)  # March has so many, and no span goes beyond April
    return (f"2026-{3 + month:02d}-{day + 1:02d}T{rest // 3_600_000:02d}:{rest // 60_000 % 60:02d}:"
            f"{rest // 1000 % 60:02d}.{rest % 1000:03d}Z")


class Sums:
    """The truth: the sum of loads by gate over a sliding window, and how often it is a hit."""

    def __init__(self, window_ms, span_ms):
        self.window_ms, self.expires = window_ms, window_ms <= span_ms
        self.sums, self.inside, self.hits = {}, collections.deque(), 0

    def take(self, moment, gate, load):
        while self.expires and self.inside and self.inside[0][0] <= moment - self.window_ms:
            _, other, gone = self.inside.popleft()
            self.sums[other] -= gone
        if self.expires:
            self.inside.append((moment, gate, load))
        total = self.sums[gate] = self.sums.get(gate, 0) + load
        self.hits += total % 97 == 0


def write_events(out, events, groups, span_ms, sums, seed=7):
    """Uniform over groups, evenly over the span; written in blocks."""
    draw = random.Random(seed)
    block = []
    for number in range(events):
        moment = START_MS + number * span_ms // events
        gate, load = draw.randrange(groups), draw.randrange(100)
        sums.take(moment, gate, load)
        block.append(f'{{"specversion":"1.0","id":"{number}","source":"gates","type":"gate.pass",'
                     f'"time":"{time_text(moment)}","data":{{"gate":"g{gate}",'
                     f'"load":{load}}}}}\n')
        if len(block) == 10_000:
            out.write("".join(block).encode())
            block.clear()
    out.write("".join(block).encode())
    out.close()


def replay(folder, window, events, groups, span_ms, shards=1):
    """(CPU ns an event, peak resident MB, wall ns an event)."""
    name, window_ms = window
    pack = folder / "pack"
    (pack / "schemas").mkdir(parents=True, exist_ok=True)
    (pack / "schemas" / "gate.yaml").write_text(SCHEMA)
    (pack / "rules.yaml").write_text(RULE % name)
    made = folder / "events.ndjson"
    sums = Sums(window_ms, span_ms)
    write_events(open(made, "wb"), events, groups, span_ms, sums)
    command = [BUILD / "fengsui", "replay", "--pack", pack, "--no-progress",
               *(["--shards", shards] if shards > 1 else []), made]
    began = time.monotonic()
    with open(folder / "summary", "wb") as summary:
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL,
                                   stderr=summary)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command}: failed")
    hits = json.loads((folder / "summary").read_text().splitlines()[-1])["hits"]
    if hits != sums.hits:
        sys.exit(f"{hits} hits, but the truth is {sums.hits}")
    return ((usage.ru_utime + usage.ru_stime) * 1e9 / events, usage.ru_maxrss // 1024,
            took * 1e9 / events)


def by_groups(folder, long):
    counts = [1_000, 10_000, 100_000, 1_000_000] + ([10_000_000] if long else [])
    return [(count, *replay(folder, ("6h", DAY_MS // 4), max(EVENTS, count), count, DAY_MS // 8))
            for count in counts]


def by_window(folder, _long):
    lengths = {"1m": 60_000, "1h": 3_600_000, "1d": DAY_MS, "30d": 30 * DAY_MS}
    return [(length / 60_000, *replay(folder, (name, length), EVENTS, 10_000, 60 * DAY_MS))
            for name, length in lengths.items()]


def by_shards(folder, _long):
    return [(count, *replay(folder, ("6h", DAY_MS // 4), EVENTS, 100_000, DAY_MS // 8, count))
            for count in (1, 2)]


def by_rules(folder, _long):
    events = folder / "events.ndjson"
    with open(events, "wb") as out:
        subprocess.run([BUILD / "fengsui", "generate", "--feeds", "reference",
                        "--events", "100000"], check=True, stdout=out)
    rows = []
    for count in (10, 100, 1_000, 10_000, 100_000):
        pack = folder / f"predicates-{count}"
        subprocess.run([sys.executable, HERE / "predicates.py", "--events", events,
                        "--n", str(count), "--pack", pack], check=True)
        results = [json.loads(subprocess.run(
            [BUILD / "bench" / "fengsui_bench_predicates", pack, events, "3"], check=True,
            stdout=subprocess.PIPE).stdout) for _ in range(3)]
        ns = statistics.median(one["ns"] for one in results)
        rows.append((count, ns, results[0]["rss_mb"], ns))
    return rows


CURVES = {
    "rules": (by_rules, "rules", "raw bytes to matches"),
    "groups": (by_groups, "groups", "one sliding rule, replay"),
    "window": (by_window, "window, minutes", "one sliding rule over 60 days, replay"),
    "shards": (by_shards, "shards", "one sliding rule, 100,000 groups, replay"),
}


def plot(title, unit, rows, path):
    """A line over a logarithmic x, the y from zero; an SVG of its own."""
    width, height, left, bottom = 640, 320, 70, 50
    most = max(row[1] for row in rows) * 1.15
    low, high = (math.log10(f(row[0] for row in rows)) for f in (min, max))

    def place(x, ns):
        across = (math.log10(x) - low) / (high - low)
        return left + across * (width - left - 20), (height - bottom) * (1 - ns / most) + 10

    step = 10 ** math.floor(math.log10(most / 2))
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{left}" y="{height - 6}">{unit} (logarithmic): {title}</text>',
             '<text x="4" y="12">CPU ns</text>']
    mark = 0
    while mark <= most:
        y = place(rows[0][0], mark)[1]
        lines.append(f'<line x1="{left}" x2="{width - 20}" y1="{y:.1f}" y2="{y:.1f}" '
                     'stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:,.0f}</text>')
        mark += step if most / step < 8 else 2 * step
    points = [place(x, ns) for x, ns, _, _ in rows]
    lines.append('<polyline fill="none" stroke="#b03a2e" stroke-width="2" points="' +
                 " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>')
    for (x, y), (value, _, _, _) in zip(points, rows):
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#b03a2e"/>'
                     f'<text x="{x:.1f}" y="{height - bottom + 28}" text-anchor="middle">'
                     f'{value:,.0f}</text>')
    path.write_text("\n".join([*lines, "</svg>"]) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plots", type=pathlib.Path, default=HERE / "plots")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", choices=CURVES)
    args = parser.parse_args()
    args.plots.mkdir(exist_ok=True)
    for name, (measure, unit, title) in CURVES.items():
        if args.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory(prefix="fengsui-growth-") as folder:
            rows = measure(pathlib.Path(folder), args.long)
        print(f"\n| {unit} | CPU ns an event ({title}) | resident MB | wall ns |\n"
              "| --- | --- | --- | --- |")
        for x, ns, resident, wall in rows:
            print(f"| {x:,.0f} | {ns:,.0f} | {resident:,} | {wall:,.0f} |")
        sys.stdout.flush()
        plot(title, unit, rows, args.plots / f"{name}.svg")


if __name__ == "__main__":
    main()
