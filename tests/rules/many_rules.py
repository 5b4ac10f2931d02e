#!/usr/bin/env python3
"""10,000 rules of every kind are checked in time, without an error.

  many_rules.py FENGSUI [--slow FACTOR] [--rules N] [--keep FOLDER]

Time is the processor's, so that a busy machine fails nothing; FACTOR multiplies the limit where
sanitizers slow everything down. The pack is left in FOLDER, if one is given: to profile the check.
"""
import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

SECONDS_MAX = 5
TYPES, LISTS, SETS = 10, 5, 5
RULES_A_FILE = 200

SCHEMA = """event: city.t{t}
required: [outlet, kind, weight, pieces, ok, cell, text, place]
properties:
  outlet: {{ type: string }}
  kind: {{ type: string, enum: [a, b, c, d] }}
  weight: {{ type: number, minimum: 0, maximum: 100 }}
  pieces: {{ type: integer, minimum: 1 }}
  ok: {{ type: boolean }}
  cell: {{ type: string, x-area: true }}
  text: {{ type: string }}
  note: {{ type: string }}
  place:
    type: object
    required: [lat, lon]
    properties: {{ lat: {{ type: number }}, lon: {{ type: number }} }}
"""
MORE_FIELDS = "".join(f"  f{i}: {{ type: string }}\n" for i in range(20))
DEFS = "defs:\n  heavy: weight > 10 && ok\n  odd: heavy || kind == 'b'\n"

KINDS = ["""
    from: city.t{t}
    when: outlet in lists.l{l} && kind in ['a', 'b'] && odd
    by: outlet
    window: {{ sliding: {h}h }}
    let: {{ n: count(), m: distinct(kind), kg: sum(weight) }}
    grade: {{ red: n >= {n} + 20 || m >= 4, orange: n >= 10, yellow: n >= 3 }}
    message: "{{n}} 件，{{m}} 类 {{outlet}}"
""", """
    from: [city.t{t}, city.t{u}]
    when: has(note) && note.mentions(keywords.k{l})
    by: cell
    window: {{ tumbling: 1h }}
    let: {{ n: count() }}
    baseline: {{ of: n, every: 7d, keep: 8 }}
    grade: {{ red: n > 5 && double(n) > baseline.mean * 3.0 }}
    message: "{{n}} {{baseline.mean}}"
""", """
    sequence:
      within: 30m
      steps:
        - {{ as: one, from: city.t{t}, by: outlet, when: ok }}
        - {{ as: two, from: city.t{u}, by: outlet, when: weight > one.weight }}
        - {{ absent: true, from: city.t{t}, by: outlet }}
    let: {{ d: two.weight - one.weight }}
    grade: {{ red: d > 10.0, blue: d > {n}.0 / 50.0 }}
    message: "{{d}} {{one.outlet}}"
""", """
    from: city.t{t}
    when: weight > {n} && geohash(place.lat, place.lon, 5) != ''
    except:
      - {{ name: drill, when: outlet == 'o{n}', owner: a, reason: b, until: 2199-01-01 }}
    by: {{ g: "geohash(place.lat, place.lon, 6)" }}
    window: {{ session: 10m, max: 2h }}
    emit: close
    let: {{ p: "percentile(weight, 99)", n: count() }}
    grade: {{ orange: p > 50.0, blue: n > 3 }}
""", """
    from: city.t{t}
    by: outlet
    window: {{ count: 10, within: 1d }}
    let: {{ n: count(weight > {n}), s: stddev(weight), hot: n > 3 && s > 2.0 }}
    grade: {{ red: hot && pieces > 3, yellow: hot }}
    message: "{{s}} {{text}}"
    labels: {{ department: postal }}
""", """
    from: city.t{t}
    when: kind == 'c' && pieces > {h} && text.matches('^[a-z]+{n}')
    grade: {{ red: weight > 50, blue: ok }}
"""]
PURPOSE = "    purpose: { id: x, use: u, basis: b, retain: 90d }\n"


def rule(i):
    fields = {"t": i % TYPES, "u": (i + 3) % TYPES, "l": i // len(KINDS) % LISTS,
              "h": 1 + i % 24, "n": i % 50}
    body = KINDS[i % len(KINDS)].format(**fields)
    return f"  - id: rule-{i}\n    title: 规则 {i}{body}{PURPOSE}"


def make(root, rules):
    def put(name, text):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for t in range(TYPES):
        put(f"schemas/t{t}.yaml", SCHEMA.format(t=t) + MORE_FIELDS)
    for i in range(LISTS):
        put(f"lists/l{i}.csv", "k,name\n" + "".join(f"o{k},n\n" for k in range(1_000)))
    for i in range(SETS):
        words = (f"词{k * 7919 % 99_991:05d}条\n" for k in range(2_000))
        put(f"keywords/k{i}.txt", "".join(words))
    put("defs/d.yaml", DEFS)
    for first in range(0, rules, RULES_A_FILE):
        numbers = range(first, min(first + RULES_A_FILE, rules))
        put(f"r{first}.yaml", "rules:\n" + "".join(map(rule, numbers)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fengsui")
    parser.add_argument("--slow", type=float, default=1)
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--keep")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fengsui-many-") as folder:
        root = pathlib.Path(arguments.keep or folder)
        make(root, arguments.rules)
        run = subprocess.run([arguments.fengsui, "rules", "check", str(root)], capture_output=True)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = usage.ru_utime + usage.ru_stime
    last = run.stdout.decode().splitlines()[-1:]
    print(f"{arguments.rules} rules: {seconds:.2f} s of processor time, "
          f"{usage.ru_maxrss >> 10} MiB; {last}")
    if run.returncode != 0 or last != ["0 errors, 0 warnings"]:
        sys.exit("\n".join(run.stdout.decode().splitlines()[:20]))
    if seconds > SECONDS_MAX * arguments.slow:
        sys.exit(f"more than {SECONDS_MAX * arguments.slow} s")


if __name__ == "__main__":
    main()
