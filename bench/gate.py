#!/usr/bin/env python3
"""The regression gate: instructions an event, counted by cachegrind, against bench/gate.json.

  gate.py --fengsui BIN [--predicates BIN] [--update]

Instructions do not depend on how busy the machine is. Each work is run over N and over 2 N events:
the difference is the cost of N events in the steady state, without start-up. More than the recorded
figure and a tenth fails; so does less than it by a tenth, since then a gain is not held: run with
--update.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RECORD = HERE / "gate.json"
TOLERANCE = 0.10
EVENTS = 10_000
SEED = 7


def instructions(command):
    done = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no",
                           "--cachegrind-out-file=/dev/null", *map(str, command)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    text = done.stderr.decode(errors="replace")
    found = re.search(r"I\s+refs:\s+([\d,]+)", text)
    if done.returncode != 0 or not found:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{text[-2000:]}")
    return int(found[1].replace(",", ""))


def steady(command_over):
    """Instructions an event; `command_over(count)` is the command over so many events."""
    return (instructions(command_over(2 * EVENTS)) - instructions(command_over(EVENTS))) / EVENTS


def works(args, folder):
    files = {}
    for count in (EVENTS, 2 * EVENTS):
        files[count] = folder / f"{count}.ndjson"
        with open(files[count], "wb") as out:
            subprocess.run([args.fengsui, "generate", "--feeds", "reference",
                            "--events", str(count), "--seed", str(SEED)], check=True, stdout=out)
    replay = [args.fengsui, "replay", "--no-progress", "--pack"]
    yield "replay, reference pack", lambda count: [*replay, HERE / "reference", files[count]]
    if args.predicates:
        pack = folder / "predicates"
        subprocess.run([sys.executable, HERE / "predicates.py", "--events", files[2 * EVENTS],
                        "--n", "1000", "--pack", pack], check=True)
        yield "1,000 predicates", lambda count: [args.predicates, pack, files[count]]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fengsui", type=pathlib.Path, required=True)
    parser.add_argument("--predicates", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="record what is measured")
    args = parser.parse_args()
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    measured, wrong = {}, []
    with tempfile.TemporaryDirectory(prefix="fengsui-gate-") as folder:
        for name, command_over in works(args, pathlib.Path(folder)):
            measured[name] = round(steady(command_over))
            before = recorded.get(name)
            print(f"{name}: {measured[name]:,} instructions an event, recorded {before}")
            if before is None or abs(measured[name] - before) > TOLERANCE * before:
                wrong.append(name)
    if args.update:
        RECORD.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    elif wrong:
        sys.exit("off by more than a tenth: " + ", ".join(wrong) +
                 "; if that is meant, record it: gate.py --update")


if __name__ == "__main__":
    main()
