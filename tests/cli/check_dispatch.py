#!/usr/bin/env python3
"""`fengsui dispatch simulate` against a model of what alerts.md and src/dispatch/DESIGN.md say,
written apart from the program: it looks at everything every second. And the dispatch file of a
running service: silences over HTTP and from the terminal, reload by SIGHUP.

  check_dispatch.py FENGSUI SOURCE_ROOT
"""
import datetime
import json
import pathlib
import random
import signal
import sys
import tempfile
import unittest

from check_commands import Service, event, fengsui

# Routes as the model has them: matchers are (label, values it may have); None: not grouped.
ROUTES = [
    {"queue": "one", "match": [("area", {"1"})], "by": ["rule"], "wait": 20, "interval": 60,
     "repeat": 600, "continue": True},
    {"queue": "city", "match": [("grade", {"red"})], "by": None},
    {"queue": "two", "match": [("area", {"2"})], "by": None, "active": [(300, 1200), (2400, 4200)]},
    {"queue": "one", "match": [("area", {"4"})], "by": ["area", "grade"], "wait": 0,
     "interval": 90, "repeat": 300, "mute": [(300, 1200), (2400, 4200)]},
]
ROOT = {"queue": "duty", "match": [], "by": None}
FILE = """
route:
  queue: duty
  routes:
    - {matchers: [area=1], queue: one, group_by: [rule], group_wait: 20s, group_interval: 1m,
       repeat_interval: 10m, continue: true}
    - {matchers: ['grade="red"'], queue: city}
    - {matchers: ['area=~"2"'], queue: two, active_time_intervals: [odd]}
    - {matchers: [area=4], queue: one, group_by: [grade, area], group_interval: 90s,
       repeat_interval: 5m, mute_time_intervals: [odd]}
inhibit_rules:
  - {source_matchers: [grade=red], target_matchers: ['grade=~"blue|yellow"'], equal: [area]}
  - {source_matchers: [rule=x], target_matchers: ['rule=~"x|y"', area=3]}
time_intervals:
  - name: odd
    time_intervals:
      - times: [{start_time: "00:05", end_time: "00:20"}, {start_time: "00:40", end_time: "01:10"}]
"""


def is_source(rule, labels):
    return labels["grade"] == "red" if rule == 0 else labels["rule"] == "x"


def is_target(rule, labels):
    if rule == 0:
        return labels["grade"] in ("blue", "yellow")
    return labels["rule"] in ("x", "y") and labels["area"] == "3"


class Model:
    def __init__(self):
        self.now = 0
        self.alerts = {}    # name -> told, records, ended, closed, since, heard
        self.groups = {}    # id -> next, flushed, notified, members
        self.silences = {}  # id -> label, value, from, to
        self.sent = []

    def routes(self, labels):
        found = []
        for number, route in enumerate(ROUTES):
            if all(labels[name] in values for name, values in route["match"]):
                found.append((number, route))
                if not route.get("continue"):
                    break
        return found or [(-1, ROOT)]

    def is_firing(self, name):
        return not self.alerts[name]["ended"] and not self.alerts[name]["closed"]

    def is_held(self, route, labels):
        for rule in (0, 1):
            if not is_target(rule, labels):
                continue
            for other in self.alerts:
                theirs = self.alerts[other]["told"][-1]
                if not self.is_firing(other) or not is_source(rule, theirs):
                    continue
                if rule == 0 and theirs["area"] != labels["area"]:
                    continue
                if not (is_source(rule, labels) and is_target(rule, theirs)):
                    return True
        within = lambda spans: any(a <= self.now % 86400 < b for a, b in spans)
        if "active" in route and not within(route["active"]):
            return True
        if "mute" in route and within(route["mute"]):
            return True
        if labels["grade"] == "red":
            return False
        return any(labels[label] == value and start <= self.now < end
                   for label, value, start, end in self.silences.values())

    def send(self, name, queue, repeat=False):
        alert = self.alerts[name]
        heard = alert["heard"][queue]
        records = [alert["records"][-1]] if repeat else [
            record for record in alert["records"] if record[0] > heard[0]]
        for number, kind in records:
            self.sent.append((self.now, queue, name, number, kind, repeat))
        alert["heard"][queue] = (alert["records"][-1][0], True)

    def offer(self, name):
        alert = self.alerts[name]
        for labels in alert["told"]:
            for number, route in self.routes(labels):
                last = alert["records"][-1][0]
                alert["heard"].setdefault(route["queue"], (last - 1, False))
                if route["by"] is None:
                    alert["plain"].add(number)
                    continue
                key = (number, tuple(labels[by] for by in route["by"]))
                first = max(self.now, alert["since"] + route["wait"])
                group = self.groups.setdefault(
                    key, {"next": first, "flushed": False, "notified": None, "members": set()})
                group["members"].add(name)
                if not group["flushed"]:
                    group["next"] = min(group["next"], first)

    def look(self):
        """Everything that is due now."""
        for key in sorted(self.groups):
            group = self.groups[key]
            route = ROUTES[key[0]]
            if group["next"] > self.now:
                continue
            told = False
            for name in sorted(group["members"]):
                told = self.tell(name, route) or told
            if told:
                group["notified"] = self.now
            elif group["flushed"] and (group["notified"] is None or
                                       self.now - group["notified"] >= route["repeat"]):
                for name in sorted(group["members"]):
                    if (self.is_firing(name) and self.alerts[name]["heard"][route["queue"]][1]
                            and not self.is_held(route, self.alerts[name]["told"][-1])):
                        self.send(name, route["queue"], repeat=True)
                        group["notified"] = self.now
            group["flushed"] = True
            group["next"] = self.now + route["interval"]
            group["members"] = {name for name in group["members"] if self.is_firing(name)}
        self.groups = {key: group for key, group in self.groups.items() if group["members"]}
        for name in sorted(self.alerts):
            for number in sorted(self.alerts[name]["plain"]):
                self.tell(name, ROUTES[number] if number >= 0 else ROOT)

    def tell(self, name, route):
        alert = self.alerts[name]
        queue = route["queue"]
        if alert["closed"] or alert["records"][-1][0] <= alert["heard"][queue][0]:
            return False
        if alert["ended"]:
            if not alert["heard"][queue][1]:
                return False
        elif self.is_held(route, alert["told"][-1]):
            return False
        self.send(name, queue)
        return True

    def run_to(self, end):
        for second in range(self.now + 1, end + 1):
            self.now = second
            self.look()

    def alert(self, name, labels):
        alert = self.alerts.setdefault(
            name, {"told": [], "records": [], "ended": False, "closed": False, "since": self.now,
                   "heard": {}, "plain": set()})
        alert["told"].append(labels)
        kind = "open" if not alert["records"] else "raise"
        alert["records"].append((len(alert["records"]) + 1, kind))
        self.offer(name)
        self.look()

    def clear(self, name):
        alert = self.alerts[name]
        alert["ended"] = True
        alert["closed"] = False
        alert["records"].append((len(alert["records"]) + 1, "clear"))
        self.offer(name)
        self.look()

    def close(self, name):
        alert = self.alerts[name]
        alert["closed"] = True
        for queue, (_, of_it) in alert["heard"].items():
            alert["heard"][queue] = (alert["records"][-1][0], of_it)
        for group in self.groups.values():
            group["members"].discard(name)
        self.groups = {key: group for key, group in self.groups.items() if group["members"]}
        self.look()


def random_day(seed):
    """Steps, and what the model sends."""
    pick = random.Random(seed)
    model, steps, firing, shut, silences = Model(), [], {}, [], []
    start = 946684800
    name = 0
    for _ in range(90):
        at = model.now + pick.randrange(60)
        model.run_to(at)
        step = {"at": f"{at}s"}
        what = pick.randrange(12)
        if what < 5 or not firing:
            labels = {"rule": pick.choice("xyz"), "grade": pick.choice(
                ["blue", "yellow", "orange", "red"]), "area": pick.choice("1234")}
            alert = f"a{name:03}"
            name += 1
            firing[alert] = labels
            step |= {"alert": alert, "labels": labels}
            model.alert(alert, labels)
        elif what < 7:
            alert = pick.choice(sorted(firing))
            labels = firing[alert] | {"grade": "red"}
            if labels == firing[alert]:
                continue
            firing[alert] = labels
            step |= {"alert": alert, "labels": labels}
            model.alert(alert, labels)
        elif what < 9:
            alert = pick.choice(sorted(firing) + shut)
            firing.pop(alert, None)
            if alert in shut:
                shut.remove(alert)
            step["clear"] = alert
            model.clear(alert)
        elif what < 10:
            alert = pick.choice(sorted(firing))
            del firing[alert]
            shut.append(alert)
            step["close"] = alert
            model.close(alert)
        elif what < 11 or not silences:
            label, value = pick.choice([("rule", "x"), ("area", "2"), ("area", "4")])
            begin = at + pick.randrange(100)
            end = begin + 1 + pick.randrange(600)
            identity = f"s{len(silences)}-{at}"
            silences.append(identity)
            model.silences[identity] = (label, value, begin, end)
            step["silence"] = {"id": identity, "matchers": f"{label}={value}",
                               "startsAt": f"{begin}s", "endsAt": f"{end}s", "createdBy": "li",
                               "comment": "drill"}
            model.look()
        else:
            identity = silences.pop()
            if model.silences[identity][3] <= at:
                continue
            step["expire"] = identity
            del model.silences[identity]
            model.look()
        steps.append(step)
    end = model.now + 5000
    model.run_to(end)
    steps.append({"at": f"{end}s"})
    return steps, model.sent, start


def simulated(lines, start):
    sent = []
    for line in map(json.loads, lines):
        if "queue" not in line:
            continue
        moment = int(datetime.datetime.fromisoformat(line["at"]).timestamp()) - start
        repeat = line.get("repeat", False)
        sent.append((moment, line["queue"], line["alert"], line["record"], line["kind"], repeat))
    return sent


class Simulation(unittest.TestCase):
    SEEDS = 50

    def test_random_days(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "dispatch.yaml").write_text(FILE)
            told = repeats = 0
            for seed in range(self.SEEDS):
                steps, wanted, start = random_day(seed)
                lines = "".join(json.dumps(step) + "\n" for step in steps)
                done = fengsui("dispatch", "simulate", "--config", folder / "dispatch.yaml",
                               input=lines.encode())
                self.assertEqual(done.returncode, 0, done.stderr)
                got = simulated(done.stdout.splitlines(), start)
                self.assertEqual(sorted(got), sorted(wanted), f"seed {seed}")
                told += len(got)
                repeats += sum(one[-1] for one in got)
            self.assertGreater(told, 40 * self.SEEDS)
            self.assertGreater(repeats, self.SEEDS)


class Running(unittest.TestCase):
    """A running service with a dispatch file of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("")
        self.service = Service(self.folder, dispatch=str(self.folder / "dispatch.yaml"))
        self.addCleanup(self.service.process.stderr.close)
        self.addCleanup(self.service.process.wait)
        self.addCleanup(self.service.process.kill)
        self.assertIsNotNone(self.service.url, self.service.log)
        self.port = self.service.url.rsplit(":", 1)[1]

    def write(self, more):
        (self.folder / "dispatch.yaml").write_text(f"""
route:
  queue: duty
{more}
queues:
  - name: duty
    sinks: [{{file: {{path: {self.folder}/duty.ndjson}}}}]
  - name: city
    sinks: [{{file: {{path: {self.folder}/city.ndjson}}}}]
""")

    def wait_log(self, pattern):
        for line in self.service.process.stderr:
            if pattern in line.decode():
                return
        self.fail(f"the service ended before it logged {pattern}")

    def wait_alert(self, fits):
        """The only alert, once it is as it should be."""
        tail = fengsui("alerts", "tail", "--port", self.port, "--after", "0", "--count", "1")
        self.assertEqual(tail.returncode, 0, tail.stderr)
        while True:  # the test's time-out ends it
            alerts = json.loads(self.service.ask("/v1/alerts")[1])["alerts"]
            if len(alerts) == 1 and fits(alerts[0]):
                return alerts[0]

    def delivered(self, queue):
        path = self.folder / f"{queue}.ndjson"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def silences(self, *arguments):
        return fengsui("silences", *arguments, "--port", self.port)

    def test_silences(self):
        for body, status in ((b"{}", 400), (b'{"matchers": []}', 400), (b"[1", 400),
                             (b'{"matchers": "a=b", "endsAt": "2020-01-01T00:00:00Z",'
                              b' "createdBy": "li", "comment": "x"}', 400),
                             (b'{"matchers": "a=b", "endsAt": "2120-01-01T00:00:00Z",'
                              b' "createdBy": "li", "comment": "x", "id": "none"}', 404)):
            self.assertEqual(self.service.ask("/v1/silences", body, "application/json")[0], status)
        self.assertEqual(self.silences("add", "a=b", "--author", "li", "--reason", "r").returncode,
                         2)
        done = self.silences("add", "grade!=none", "grade=~.+", "--author", "li", "--reason",
                             "演练", "--for", "1h")
        self.assertEqual(done.returncode, 0, done.stderr)
        identity = done.stdout.decode().strip()
        shown = json.loads(self.service.ask("/v1/silences/" + identity)[1])
        self.assertEqual((shown["status"], shown["createdBy"], shown["comment"]),
                         ({"state": "active"}, "li", "演练"))
        self.assertEqual(shown["matchers"][1],
                         {"name": "grade", "value": ".+", "isRegex": True, "isEqual": True})
        listed = json.loads(self.service.ask("/v1/silences?state=active&filter=grade%3D%22none%22")
                            [1])
        self.assertEqual([one["id"] for one in listed], [])
        listed = json.loads(self.service.ask("/v1/silences?filter=grade%3D%22.%2B%22")[1])
        self.assertEqual([one["id"] for one in listed], [identity])
        self.assertEqual(self.service.ask("/v1/events", event(1).encode())[0], 202)
        held = self.wait_alert(lambda alert: "held_by" in alert)
        self.assertIn("silence " + identity + " of li until", held["held_by"])
        self.assertEqual(self.delivered("duty"), [])
        self.assertIn(identity[:8].encode(), self.silences("list").stdout)
        self.assertEqual(self.silences("end", identity).returncode, 0)
        self.assertEqual(self.silences("end", identity).returncode, 1)
        self.assertEqual(self.silences("end", "none").returncode, 1)
        self.wait_alert(lambda alert: "held_by" not in alert)
        self.assertEqual(self.service.stop()[0], 0)
        self.assertEqual([one["alert"] for one in self.delivered("duty")], [held["alert"]])

    def test_deadline(self):
        """A second is all that anybody has: it goes up by an area, and is supervised."""
        self.write("  deadlines: {receive: 1s}\n"
                   "  routes: [{matchers: [area=620502001001], queue: city}]\n"
                   "supervision: {queue: city}")
        self.service.process.send_signal(signal.SIGHUP)
        self.wait_log("the dispatch file is in force")
        self.assertEqual(self.service.ask("/v1/events", event(1).encode())[0], 202)
        alert = self.wait_alert(lambda alert: alert["deadline"]["stage"] == "supervise")
        self.assertEqual((alert["escalated"], alert["supervised"], alert["queues"]),
                         (["620502001001"], True, ["duty"]))
        shown = json.loads(self.service.ask("/v1/alerts/" + alert["alert"])[1])
        self.assertEqual([entry.get("action", entry["kind"]) for entry in shown["history"]],
                         ["open", "remind", "flash", "escalate", "supervise"])
        self.assertTrue(all(entry["role"] == "system" for entry in shown["history"][1:]))
        text = fengsui("alerts", "show", alert["alert"], "--port", self.port).stdout.decode()
        self.assertIn("(supervise)", text)
        metrics = self.service.ask("/metrics")[1].decode()
        self.assertIn('fengsui_sla_breaches_total{queue="duty",stage="flash"} 1', metrics)
        self.assertEqual(self.service.stop()[0], 0)
        self.assertEqual([one.get("overdue") for one in self.delivered("duty")],
                         [None, {"stage": "escalate", "phase": "receive", "area": "620502001001"}])
        self.assertEqual([one["overdue"]["stage"] for one in self.delivered("city")],
                         ["escalate", "supervise"])

    def test_reload(self):
        self.write("  routes: [{matchers: [grade!=none], queue: city}]")
        self.service.process.send_signal(signal.SIGHUP)
        self.wait_log("the dispatch file is in force")
        self.write("  routes: [{matchers: [grade!=none], queue: nowhere}]")
        self.service.process.send_signal(signal.SIGHUP)
        self.wait_log("has errors")
        self.write("  routes: []")
        text = (self.folder / "dispatch.yaml").read_text()
        (self.folder / "dispatch.yaml").write_text(text.replace("duty.ndjson", "other.ndjson"))
        self.service.process.send_signal(signal.SIGHUP)
        self.wait_log("restart for them")
        self.assertEqual(self.service.ask("/v1/events", event(1).encode())[0], 202)
        self.wait_alert(lambda alert: alert["queues"] == ["city"])
        self.assertEqual(self.service.stop()[0], 0)
        self.assertEqual(len(self.delivered("city")), 1)
        self.assertEqual(self.delivered("duty"), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
