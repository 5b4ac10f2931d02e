#!/usr/bin/env python3
"""Officers act on alerts over HTTP while `fengsui run` is killed over and over.

  board_test.py --fengsui BINARY [--seed N] [--kills 50] [--events 6000] [--keep]

Random actions by random people in random roles, some with a version that is no longer true, come to
random alerts; meanwhile events make new ones, raise and clear them, and the process is killed
(SIGKILL) with an action under way. A plain model, written from the design and not from the code,
says what each must answer. After each start every action that was answered 200 must be in its
alert's history, in its order; every alert must stand where the model's fold of that history has it;
and at the end the board must hold exactly the records that the queue got. Everybody has a second
for what an alert waits for: each stage of a deadline must be there once, and an escalation heard.
"""
import argparse
import collections
import http.client
import json
import pathlib
import random
import re
import shutil
import sys
import tempfile
import threading

import kill_test
import service
from service import Failure

DESK, FIELD = {"duty", "lead"}, {"handler", "grid_worker"}
# state, action: roles, what it needs, next state. `high` and `low` are of the grade.
TABLE = [
    ("new", "ack", DESK, "", "acked"),
    ("acked", "verify", DESK, "", "verifying"),
    ("acked", "dispatch", DESK, "", "dispatched"),
    ("verifying", "dispatch", DESK, "", "dispatched"),
    ("reopened", "dispatch", DESK, "", "dispatched"),
    ("dispatched", "accept", FIELD, "", "handling"),
    ("dispatched", "return", FIELD, "reason once", "returned"),
    ("returned", "redispatch", DESK, "", "dispatched"),
    ("handling", "report", FIELD, "note", "reported"),
    ("handling", "extend_req", FIELD, "reason", "extend_pending"),
    ("extend_pending", "approve", {"supervisor"}, "", "handling"),
    ("extend_pending", "deny", {"supervisor"}, "reason", "handling"),
    ("reported", "reject_report", DESK, "reason", "handling"),
    ("reported", "close", DESK, "reason low", "closed"),
    ("reported", "close", {"lead"}, "reason high other_than_handler", "closed"),
    ("verifying", "false_positive", {"duty"}, "reason", "fp_proposed"),
    ("fp_proposed", "confirm", {"lead"}, "other_than_proposer", "closed"),
    ("fp_proposed", "reject", {"lead"}, "reason", "verifying"),
    ("closed", "revisit_ok", {"revisit"}, "other_than_handler", "archived"),
    ("closed", "revisit_bad", {"revisit"}, "reason other_than_handler", "reopened"),
    ("closed", "reopen", {"lead"}, "reason", "reopened"),
    ("to_batch_review", "batch_review", {"duty"}, "reason", "closed"),
    ("merged", "split", DESK, "", "new"),
    ("new", "queue_batch", set(), "low", "to_batch_review"),  # the system's, and nobody else's
    ("new", "merge", set(), "", "merged"),
    ("new", "inhibit", set(), "", "inhibited"),
    ("inhibited", "uninhibit", set(), "", "new"),
    (None, "supervise", {"supervisor"}, "reason", None),
    (None, "note", DESK | FIELD | {"supervisor", "revisit"}, "note", None),
    (None, "remind", set(), "", None),
    (None, "flash", set(), "", None),
    (None, "escalate", set(), "", None),
]
# What a state waits for; each wait has a second, and stages at 50, 80, 100 and 150 % of it.
PHASES = {"new": "receive", "acked": "dispatch", "verifying": "dispatch", "fp_proposed": "dispatch",
          "returned": "dispatch", "reopened": "dispatch", "dispatched": "accept",
          "handling": "handle", "extend_pending": "handle", "reported": "review",
          "closed": "revisit"}
STAGES = ["remind", "flash", "escalate", "supervise"]
SECOND = {"red": "1s", "orange": "1s", "yellow": "none", "blue": "none"}
ROUTE = {"deadlines": {phase: SECOND for phase in set(PHASES.values())}}
ACTIONS = sorted({row[1] for row in TABLE})
ROLES = ["duty", "lead", "handler", "grid_worker", "supervisor", "revisit"]
PEOPLE = ["wang", "li", "zhao", "qian"]
GRADES = ["blue", "yellow", "orange", "red"]


class Model:
    """An alert as its history makes it."""

    def __init__(self, history):
        self.version, self.state, self.grade = 0, "new", "blue"
        self.stage = self.escalations = 0
        self.handler = self.proposer = None
        self.returned = False
        for entry in history:
            self.take(entry)

    def take(self, entry):
        waited_for = PHASES.get(self.state)
        if entry.get("role") == "system":
            self.take_stage(entry["action"], waited_for)
        self.take_entry(entry)
        if PHASES.get(self.state) != waited_for or entry.get("action") == "approve":
            self.stage = 0

    def take_stage(self, action, waited_for):
        """Each once, in their order, and only while somebody is waited for."""
        if waited_for is None or self.stage == len(STAGES) or action != STAGES[self.stage]:
            raise Failure(f"{action} comes after {self.stage} stages of {waited_for}")
        self.stage += 1
        self.escalations += action == "escalate"

    def take_entry(self, entry):
        self.version += 1
        if entry["kind"] == "action":
            action = entry["action"]
            rows = [row for row in TABLE if row[1] == action and row[0] in (None, self.state)]
            if not rows:
                raise Failure(f"{action} cannot have been done in {self.state}")
            self.state = rows[0][4] or self.state
            if action == "accept":
                self.handler = entry["actor"]
            if action == "false_positive":
                self.proposer = entry["actor"]
            self.returned = self.returned or action == "return"
        elif entry["kind"] != "clear":
            self.grade = max(self.grade, entry["grade"], key=GRADES.index)
            if entry["kind"] == "raise" and self.state in ("reported", "closed", "archived"):
                self.state = "reopened"

    def answer(self, request):
        """The status that the request must get."""
        if request["version"] != self.version:
            return 409
        high = self.grade in ("orange", "red")
        rows = [row for row in TABLE if row[1] == request["action"] and
                row[0] in (None, self.state) and
                not ("high" in row[3] and not high) and not ("low" in row[3] and high)]
        if not rows:
            return 409
        rows = [row for row in rows if request["role"] in row[2]]
        if not rows:
            return 403
        needs = rows[0][3]
        if "once" in needs and self.returned:
            return 409
        if "other_than_handler" in needs and request["actor"] == self.handler:
            return 403
        if "other_than_proposer" in needs and request["actor"] == self.proposer:
            return 403
        if any(need in needs and need not in request for need in ("reason", "note")):
            return 422
        return 200


class Gone(Exception):
    """The process has been killed."""


class Api:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, path, body=None):
        """Status and JSON."""
        try:
            self.connection.request("GET" if body is None else "POST", path,
                                    body=None if body is None else json.dumps(body))
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Gone from error

    def alerts(self):
        """All of them, the newest first."""
        out, after = [], ""
        while True:
            status, page = self.ask("/v1/alerts?limit=100" + after)
            if status != 200:
                raise Failure(f"a list is answered {status}: {page}")
            out += page["alerts"]
            if "next" not in page:
                return out
            after = "&after=" + page["next"]


class Officers:
    """Act until the process is gone; `acted` is set after so many answers."""

    def __init__(self, rng, done):
        self.rng = rng
        self.done = done  # of each alert the actions answered 200, in order
        self.answers = collections.Counter()

    def request(self, model):
        request = {"action": self.rng.choice(ACTIONS), "version": model.version,
                   "actor": self.rng.choice(PEOPLE), "role": self.rng.choice(ROLES)}
        fitting = [row for row in TABLE if row[0] == model.state and row[2]]
        if fitting and self.rng.random() < 0.7:  # else nothing would ever be closed
            row = self.rng.choice(fitting)
            request |= {"action": row[1], "role": self.rng.choice(sorted(row[2]))}
        if self.rng.random() < 0.1:
            request["version"] -= 1
        for key in ("reason", "note"):
            if self.rng.random() < 0.6:
                request[key] = "because"
        return request

    def act_once(self, api, alert):
        model = Model(api.ask(f"/v1/alerts/{alert}")[1]["history"])
        request = self.request(model)
        status, body = api.ask(f"/v1/alerts/{alert}/actions", request)
        wanted = model.answer(request)
        if status == 409 and body["current"]["version"] != model.version:
            wanted = 409  # the engine has said something in between
        if status != wanted:
            raise Failure(f"{request} in {model.state} is answered {status}, not {wanted}: {body}")
        self.answers[status] += 1
        if status == 200:
            self.done[alert].append((request["action"], request["actor"]))

    def run(self, port, acted, count, failures):
        try:
            api = Api(port)
            alerts = [alert["alert"] for alert in api.alerts()]
            answered = 0
            while not alerts:
                alerts = [alert["alert"] for alert in api.alerts()]
            while True:
                self.act_once(api, self.rng.choice(alerts[:3] + list(self.done)[-6:]))
                answered += 1
                if answered == count:
                    acted.set()
        except Failure as failure:
            failures.append(failure)
        except Gone:
            pass
        finally:
            acted.set()


def port_of(kept):
    return int(service.wait_for("the server", 60, lambda: re.search(
        r"serving http://127.0.0.1:(\d+)", "\n".join(kept.lines())))[1])


def check_board(port, done, alerts):
    """Of each of these what was done is there, and it stands where its history leads."""
    api = Api(port)
    for alert in alerts:
        status, shown = api.ask(f"/v1/alerts/{alert}")
        if status != 200:
            raise Failure(f"{alert}, which somebody has acted on, is answered {status}")
        model = Model(shown["history"])
        if (model.state, model.version, model.grade) != (
                shown["state"], shown["version"], shown["grade"]):
            raise Failure(f"{shown} is not what its history makes: {vars(model)}")
        actions = [(entry["action"], entry["actor"]) for entry in shown["history"]
                   if entry["kind"] == "action"]
        left = iter(actions)
        if not all(one in left for one in done[alert]):
            raise Failure(f"of {done[alert]} done to {alert} there is {actions}")
        done[alert][:] = actions  # one under way at a kill may have been done


def no_stage_to_come(port):
    deadlines = [alert.get("deadline") for alert in Api(port).alerts()]
    return all(one is None or one["stage"] == "supervise" for one in deadlines)


def without_overdue(messages):
    return [message for message in map(json.loads, messages) if "overdue" not in message]


def as_on_the_board(message):
    """Without what the queue's message has of its own."""
    return {key: value for key, value in message.items() if key not in ("queue", "deadlines")}


def check_records(port, alerts, messages):
    wanted = collections.defaultdict(list)
    escalations = collections.Counter(message["alert"] for message in map(json.loads, messages)
                                      if "overdue" in message)
    for record in without_overdue(messages):
        wanted[record["alert"]].append(as_on_the_board(record))
    if set(wanted) != set(alerts):
        raise Failure("the board has other alerts than the queue")
    api = Api(port)
    for alert, records in wanted.items():
        history = api.ask(f"/v1/alerts/{alert}")[1]["history"]
        if [entry["record"] for entry in history if entry["kind"] != "action"] != records:
            raise Failure(f"the board has other records of {alert} than the queue")
        if Model(history).escalations != escalations[alert]:
            raise Failure(f"the queue has heard of {escalations[alert]} escalations of {alert}, "
                          f"the board has {Model(history).escalations}")
    return sum(escalations.values())


def run(arguments, folder):
    rng = random.Random(arguments.seed)
    transport = service.FileTransport(folder)
    kept = service.Service(folder, transport, kill_test.PACK, kill_test.SETTINGS, route=ROUTE)
    source = kill_test.Input(kill_test.city(arguments.seed, arguments.events), transport)
    events = folder / "events.ndjson"
    events.write_bytes(b"".join(line + b"\n" for line in source.lines))
    records, _ = service.reference(arguments.fengsui, kill_test.PACK, kill_test.SETTINGS, events)
    # What the last event causes comes out only where the input ends.
    expected = sum(record["time"] != kill_test.LAST_TIME for record in records)
    done = collections.defaultdict(list)
    officers = Officers(rng, done)
    failures = []
    try:
        source.feed(len(source.lines) // 4)
        for _ in range(arguments.kills):
            kept.start(arguments.fengsui, {})
            kept.await_recovery()
            port = port_of(kept)
            check_board(port, done, list(done))
            source.feed(len(source.lines) * 3 // 4 // arguments.kills)
            acted = threading.Event()
            thread = threading.Thread(target=officers.run,
                                      args=(port, acted, rng.randrange(1, 60), failures))
            thread.start()
            acted.wait(timeout=60)
            kept.kill()
            thread.join(timeout=60)
            if failures:
                raise failures[0]
        source.feed(source.left())
        kept.start(arguments.fengsui, {})
        port = port_of(kept)
        service.wait_for("the last alert", 60,
                         lambda: len(without_overdue(transport.messages())) == expected, pause=0.05)
        service.wait_for("the last stage", 60, lambda: no_stage_to_come(port), pause=0.05)
        shown = Api(port).alerts()
        alerts = [alert["alert"] for alert in shown]
        check_board(port, done, alerts)
        escalations = check_records(port, alerts, transport.messages())
        kept.stop()
    finally:
        kept.close()
    state = service.verified_state(arguments.fengsui, folder / "state")
    if state["alerts"] != len(alerts):
        raise Failure(f"the state has {state['alerts']} alerts, the board showed {len(alerts)}")
    return shown, officers.answers, escalations


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--events", type=int, default=3000)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fengsui-board-"))
    try:
        alerts, answers, escalations = run(arguments, folder)
    except Failure as failure:
        print(f"FAILED: {failure}\nseed {arguments.seed}, kept in {folder}")
        return 1
    states = collections.Counter(alert["state"] for alert in alerts)
    print(f"{arguments.kills} kills, {len(alerts)} alerts {dict(states)}, answers {dict(answers)}, "
          f"{escalations} escalations")
    if escalations < 20:
        print("FAILED: hardly a deadline passed: this has tried little")
        return 1
    for status in (200, 403, 409, 422):
        if answers[status] < 10:
            print(f"FAILED: only {answers[status]} answers of {status}: this has tried little")
            return 1
    if states["closed"] + states["archived"] + states["reopened"] < 5:
        print("FAILED: hardly an alert was closed: this has tried little")
        return 1
    if not arguments.keep:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
