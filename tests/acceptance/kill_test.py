#!/usr/bin/env python3
"""Kills `fengsui run` over and over and checks that nobody could tell from its alerts.

  kill_test.py --transport file|kafka --fengsui BINARY --faulty BINARY [--kafka-tool BINARY]
               [--seed N] [--kills 20] [--plant FAULT] [--keep]

One run: a seeded city is fed while the process is killed (SIGKILL) at seeded moments, always with
input that it has not read yet; then it dies once at every fault point, by its own hand. Afterwards
the queue must hold exactly what `fengsui replay` prints for the same events, in that order, as must
the queue of a run that nobody disturbed; and most restarts must have had a tail of the log to
replay.

With --plant the faulty binary runs with that fault, and the script succeeds only if the same check
fails: else the check proves nothing.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import service
from service import Failure

HERE = pathlib.Path(__file__).resolve().parent
PACK = HERE.parent / "oracle" / "pack"
CITY = HERE.parent / "oracle" / "city.py"
KIT = HERE / "kafka" / "kafka-dev.sh"
POINTS = ["before_log_write", "after_log_write", "before_send", "after_send", "before_mark",
          "in_checkpoint"]
SETTINGS = {"out_of_orderness": "2s", "allowed_lateness": "1m"}
# A last event long after all others: every timer of theirs fires, nothing of theirs is held back by
# out-of-orderness. What it causes itself comes out only where the input ends, so in a replay.
LAST_TIME = "2026-04-30T00:00:00.000Z"
# City noise has a line over 1 MB, which no topic takes.
LINE_BYTES_MAX = 100_000
TAILS_OF_20 = 15
# How long a start may take to bring out its first alert before it is killed all the same.
PROGRESS_SECONDS = 5


def city(seed, events):
    """Lines of a made-up city with disorder, duplicates, late and broken ones; none is blank, which
    in a file is no record and in a topic is one."""
    command = [sys.executable, str(CITY), "--events", str(events), "--seed", str(seed),
               "--disorder-ms", "3000", "--dup", "0.03", "--late", "0.01", "--bad", "0.01"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    lines = [line for line in text.split(b"\n") if line.strip() and len(line) < LINE_BYTES_MAX]
    last = json.loads(lines[0]) | {"id": "last", "time": LAST_TIME}
    return [*lines, json.dumps(last, ensure_ascii=False).encode()]


class Difference(Failure):
    """The alerts or counters are not those of an undisturbed run."""


class Input:
    """The lines still to be fed, and how many have been."""

    def __init__(self, lines, transport):
        self.lines = lines
        self.fed = 0
        self.transport = transport

    def feed(self, count):
        lines = self.lines[self.fed:self.fed + count]
        self.transport.feed(lines)
        self.fed += len(lines)

    def left(self):
        return len(self.lines) - self.fed


class Disturbance:
    """The kills of one run, and what was seen at the restarts."""

    def __init__(self, kept, source, rng, binary, faulty, environment):
        self.service = kept
        self.input = source
        self.rng = rng
        self.binary = binary
        self.faulty = faulty
        self.environment = environment
        self.killed = False
        self.tails = []   # frames replayed at each restart after a kill
        self.unread = []  # fed and not read at each kill: bytes of a file, records of a topic

    def start(self, binary, environment, may_die=False):
        self.service.start(binary, self.environment | environment)
        fed = self.input.transport.fed
        frames, position = self.service.await_recovery(may_die)
        if self.killed:
            self.tails.append(frames)
            if position is not None:
                self.unread.append(fed - position)
        self.killed = False

    def kill_once(self, share):
        """Feeds about `share` lines in pieces until alerts come out, then a large piece, and kills
        while it is read. The process stands still while a last piece comes in: whatever the machine
        does meanwhile, it has not read that."""
        delivered = self.input.transport.delivered()
        self.start(self.binary, {})
        burst = max(share // 3, 1)
        end = self.input.fed + share - burst
        until = time.monotonic() + PROGRESS_SECONDS
        while self.input.fed < end:
            self.input.feed(min(self.rng.randint(20, 120), end - self.input.fed))
            time.sleep(self.rng.uniform(0, 0.02))
        while self.input.transport.delivered() == delivered and time.monotonic() < until:
            time.sleep(0.01)
        self.input.feed(burst // 2)
        time.sleep(self.rng.uniform(0, 0.015))
        self.service.process.send_signal(signal.SIGSTOP)
        # Every thread stands still only once the kernel says so.
        os.waitpid(self.service.process.pid, os.WUNTRACED)
        self.input.feed(burst - burst // 2)
        self.service.kill()
        self.killed = True

    def die_at(self, point):
        """Feeds until the process has killed itself at the fault point."""
        passes = 1 if point == "in_checkpoint" else self.rng.randint(1, 3)
        self.start(self.faulty, {"FENGSUI_FAULT_POINT": f"{point}:{passes}"}, may_die=True)
        until = time.monotonic() + 60
        while self.service.process.poll() is None:
            self.input.feed(self.rng.randint(5, 25))
            if time.monotonic() > until:
                raise Failure(f"fault point {point} was not reached in a minute")
            time.sleep(0.03)
        if self.service.process.returncode != -signal.SIGKILL:
            raise Failure(f"at fault point {point} the process ended with "
                          f"{self.service.process.returncode}")


def differences(messages, expected):
    """What is wrong with the queue's messages, in words; empty: nothing."""
    found = []
    records = []
    numbers = collections.Counter()
    for message in messages:
        record = json.loads(message)
        if record.pop("schema", None) != "fengsui.alert/1":
            found.append(f"a message without its schema: {message!r}")
        # An episode opened by a late event may have the id of one that opened at the same time.
        numbers[record["alert"]] = 1 if record["kind"] == "open" else numbers[record["alert"]] + 1
        if record.pop("queue", None) != "duty" or "title" not in record:
            found.append(f"a message without its queue or title: {message!r}")
        for key in ("pack", "title", "department", "deadlines"):
            record.pop(key, None)
        if record.pop("record", None) != numbers[record["alert"]]:
            found.append(f"not record {numbers[record['alert']]} of its alert: {message!r}")
        records.append(record)
    have = collections.Counter(json.dumps(r, sort_keys=True) for r in records)
    want = collections.Counter(json.dumps(r, sort_keys=True) for r in expected)
    found += [f"missing {n} times: {text}" for text, n in (want - have).items()]
    found += [f"{n} too many: {text}" for text, n in (have - want).items()]
    if not found and records != expected:
        at = next(i for i, (a, b) in enumerate(zip(records, expected)) if a != b)
        found.append(f"out of order from record {at}: {json.dumps(records[at])}")
    return found


def check(name, kept, summary, expected, expected_summary):
    wrong = differences(kept.transport.messages(), expected)
    for key in ("read", "processed", "duplicate", "late", "dead_letter"):
        if summary.get(key) != expected_summary[key]:
            wrong.append(f"{key}: {summary.get(key)}, replay has {expected_summary[key]}")
    if wrong:
        shown = "\n  ".join(wrong[:5])
        raise Difference(f"{name}: {len(wrong)} differences\n  {shown}")


def check_tails(disturbance, kills):
    tails = sum(frames > 0 for frames in disturbance.tails)
    print(f"  {len(disturbance.tails)} restarts, {tails} with a tail to replay "
          f"(frames: {disturbance.tails})")
    print(f"  fed and not read at the kills: {disturbance.unread}")
    if tails < kills * TAILS_OF_20 // 20:
        raise Failure(f"only {tails} of {kills} restarts had a tail of the log to replay")
    if any(unread <= 0 for unread in disturbance.unread):
        raise Failure("a kill came when all input had been read")


def transport_of(arguments, folder):
    if arguments.transport == "file":
        return service.FileTransport(folder)
    brokers = subprocess.run([str(KIT), "address"], check=True, capture_output=True,
                             text=True).stdout.strip()
    return service.KafkaTransport(folder, arguments.kafka_tool, brokers)


def disturbed_run(arguments, folder, lines, expected, expected_summary):
    rng = random.Random(arguments.seed)
    kept = service.Service(folder, transport_of(arguments, folder), PACK, SETTINGS)
    source = Input(lines, kept.transport)
    planted = arguments.plant is not None
    environment = {"FENGSUI_FAULT_PLANT": arguments.plant} if planted else {}
    binary = arguments.faulty if planted else arguments.fengsui
    disturbance = Disturbance(kept, source, rng, binary, arguments.faulty, environment)
    points = [] if planted else rng.sample(POINTS, len(POINTS))
    # A fault point takes as many lines as it takes; a fifth is kept for them and the end.
    share = len(lines) * 4 // 5 // arguments.kills
    try:
        for _ in range(arguments.kills):
            disturbance.kill_once(share)
        for point in points:
            disturbance.die_at(point)
            service.verified_state(arguments.fengsui, folder / "state")
        source.feed(source.left())
        summary = kept.run_to_end(binary, environment, len(lines), len(expected))
    finally:
        kept.close()
    if not planted:
        check_tails(disturbance, arguments.kills)
    check("after the kills", kept, summary, expected, expected_summary)
    if not planted:
        state = service.verified_state(arguments.fengsui, folder / "state")
        if state["read"] != len(lines) or any(state["undelivered"].values()):
            raise Failure(f"at the end the state holds something else: {state}")
        service.verified_state(arguments.fengsui, folder / "state", folder / "backup")


def undisturbed_run(arguments, folder, lines, expected, expected_summary):
    kept = service.Service(folder, transport_of(arguments, folder), PACK, SETTINGS)
    try:
        Input(lines, kept.transport).feed(len(lines))
        summary = kept.run_to_end(arguments.fengsui, {}, len(lines), len(expected))
    finally:
        kept.close()
    check("undisturbed", kept, summary, expected, expected_summary)


def run(arguments, base):
    lines = city(arguments.seed, arguments.events)
    events = base / "events.ndjson"
    events.write_bytes(b"".join(line + b"\n" for line in lines))
    expected, expected_summary = service.reference(arguments.fengsui, PACK, SETTINGS, events)
    expected = [record for record in expected if record["time"] != LAST_TIME]
    kinds = collections.Counter(record["kind"] for record in expected)
    print(f"{arguments.transport}: {len(lines)} records, alert records {dict(kinds)}")
    if min(kinds[kind] for kind in ("open", "raise", "clear")) < 20:
        raise Failure("too few alert records to show anything")
    if arguments.plant is None:
        undisturbed_run(arguments, service.folder_of(base, "undisturbed"), lines, expected,
                        expected_summary)
    disturbed_run(arguments, service.folder_of(base, "disturbed"), lines, expected,
                  expected_summary)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["file", "kafka"], required=True)
    parser.add_argument("--fengsui", type=pathlib.Path, required=True)
    parser.add_argument("--faulty", type=pathlib.Path, required=True)
    parser.add_argument("--kafka-tool", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--events", type=int, default=12_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--plant", choices=["no_dedupe", "no_quiet_on_recovery"])
    parser.add_argument("--keep", action="store_true", help="leave the folders for a look")
    arguments = parser.parse_args()
    # The processes run in folders of their own.
    arguments.fengsui = arguments.fengsui.resolve()
    arguments.faulty = arguments.faulty.resolve()
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    base = pathlib.Path(tempfile.mkdtemp(prefix="fengsui-kill-"))
    failed = None
    try:
        run(arguments, base)
    except Failure as failure:
        failed = failure
    finally:
        planted = arguments.plant is not None and isinstance(failed, Difference)
        if arguments.keep or (failed and not planted):
            print(f"left for a look: {base}")
        else:
            shutil.rmtree(base)
    if arguments.plant is None:
        wrong = failed
    elif isinstance(failed, Difference):
        print(f"the fault is seen: {failed}")
        wrong = None
    else:
        wrong = failed or f"the fault {arguments.plant} was planted and nothing noticed"
    if wrong:
        print(f"FAILED: {wrong}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
