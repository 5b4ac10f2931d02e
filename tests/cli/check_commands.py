#!/usr/bin/env python3
"""The commands as their users run them: exit status, what goes to standard output and what to
standard error, and the service over its HTTP port.

  check_commands.py FENGSUI SOURCE_ROOT
"""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

FENGSUI, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
PACK = str(ROOT / "rules")


def fengsui(*arguments, **options):
    return subprocess.run([FENGSUI, *map(str, arguments)], capture_output=True, check=False,
                          timeout=120, **options)


def event(number, **data):
    return json.dumps({
        "specversion": "1.0", "id": f"e{number}", "source": "test", "type": "courier.parcel",
        "time": f"2026-03-01T00:00:{number:02d}Z",
        "data": {"waybill_tok": f"w{number}", "stage": "inspected",
                 "outlet": {"code": "YT1", "division": "620502", "grid": "620502001001003"},
                 "sender": {"kind": "person", "verify": "manual"},
                 "recv": {"division": "610113", "point_type": "door"},
                 "goods": {"cls": "other", "hazard": "H05"}, "weight_g": 10,
                 "inspect": {"opened": True, "xray": "suspect", "result": "prohibited"}, **data}})


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def test_route_says_where_an_alert_goes(self):
        config = self.write("dispatch.yaml", """
route:
  queue: duty
  routes:
    - matchers: ['department="gas"']
      queue: gas
      group_wait: 30s
      group_by: [area]
      continue: true
    - { matchers: ['area=~"6205.*"'], queue: 秦州 }
""")
        done = fengsui("route", "test", "--config", config, "department=gas", "area=620502")
        self.assertEqual((done.returncode, done.stdout.decode()), (0, "gas\n秦州\n"))
        done = fengsui("route", "test", "--config", config, "--batch", "-", input="\n".join([
            '{"department": "gas", "area": "7"}', '{}', '{"area": 7}', 'x']).encode())
        self.assertEqual(done.returncode, 0)
        gas, duty, *wrong = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(gas, [{"queue": "gas", "group_by": ["area"], "group_labels": {"area": "7"},
                                "group_wait": "30s", "group_interval": "5m",
                                "repeat_interval": "4h"}])
        self.assertEqual((duty[0]["queue"], duty[0]["group_wait"]), ("duty", "0s"))
        self.assertTrue(all("error" in line for line in wrong) and len(wrong) == 2)
        self.assertIn("└── {area=~", fengsui("route", "show", "--config", config).stdout.decode())
        self.assertEqual(fengsui("route", "test", "--config", config, "gas").returncode, 2)
        self.assertEqual(fengsui("route", "test", "--config", "none").returncode, 1)
        broken = self.write("broken.yaml", "route: {queue: a, routes: [{matchers: [x]}]}")
        done = fengsui("route", "show", "--config", broken)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"broken.yaml:1:40: error: `x` is no matcher", done.stderr)

    def test_state_verify_tells_a_good_state_from_a_damaged_one(self):
        events = self.write("in.ndjson", fengsui("generate", "--events", "3000").stdout.decode())
        state = self.folder / "state"
        done = fengsui("replay", "--pack", PACK, "--state", state, events)
        self.assertEqual(done.returncode, 0)
        before = sorted(path.name for path in state.iterdir())
        tables = [json.loads(line) for line in fengsui("state", "ls", state).stdout.splitlines()]
        self.assertEqual([table["table"] for table in tables],
                         ["meta", "journal", "groups", "seen", "outbox", "board"])
        groups = tables[2]["entries"]
        self.assertGreater(groups, 100)
        done = fengsui("state", "verify", state)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual((found["groups"], found["read"], found["undelivered"]["printed"]),
                         (groups, 3000, 0))
        self.assertEqual(found["position"], found["checkpoint"])
        self.assertEqual(sorted(path.name for path in state.iterdir()), before)
        # The log as the run left it; a table as a backup, which closes the log, has it.
        tabled = self.folder / "tabled"
        self.assertEqual(fengsui("state", "backup", state, tabled).returncode, 0)
        logged = self.folder / "logged"
        self.assertEqual(fengsui("replay", "--pack", PACK, "--state", logged, events).returncode, 0)
        for folder, suffix in ((tabled, ".sst"), (logged, ".log")):
            path = max(folder.glob("*" + suffix), key=lambda one: one.stat().st_size)
            content = bytearray(path.read_bytes())
            self.assertGreater(len(content), 400, path)
            for at in range(len(content) // 4, len(content) // 4 + 64):
                content[at] ^= 0x55
            path.write_bytes(content)
            done = fengsui("state", "verify", folder)
            self.assertEqual((done.returncode, done.stdout), (3, b""), folder)
            self.assertIn(b"orruption", done.stderr)

    def test_a_backup_goes_on_as_the_state_would_have(self):
        lines = fengsui("generate", "--events", "4000").stdout.splitlines(keepends=True)
        events, state = self.folder / "in.ndjson", self.folder / "state"
        replay = ("replay", "--pack", PACK, "--state")
        events.write_bytes(b"".join(lines[:2000]))
        self.assertEqual(fengsui(*replay, state, events).returncode, 0)
        backup, restored = self.folder / "backup", self.folder / "restored"
        done = fengsui("state", "backup", state, backup)
        self.assertEqual(done.returncode, 0, done.stderr)
        kept = json.loads(done.stdout)
        self.assertEqual(kept["read"], 2000)
        events.write_bytes(b"".join(lines))
        after = fengsui(*replay, state, events)
        self.assertEqual(json.loads(after.stderr.splitlines()[-1])["read"], 4000)
        done = fengsui("state", "restore", backup, restored)
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, kept))
        again = fengsui(*replay, restored, events)
        self.assertEqual((again.returncode, again.stdout), (0, after.stdout))
        self.assertTrue(after.stdout)
        # The backup is as it was, and nothing is written over.
        self.assertEqual(json.loads(fengsui("state", "verify", backup).stdout), kept)
        for words in (("backup", state, backup), ("restore", backup, restored)):
            done = fengsui("state", *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"not empty", done.stderr)
        self.assertEqual(fengsui("state", "restore", self.folder / "none", "x").returncode, 3)

    def test_state_verify_says_what_is_no_state(self):
        empty = self.folder / "empty"
        empty.mkdir()
        for path in (empty, self.folder / "none"):
            for word in ("ls", "verify"):
                done = fengsui("state", word, path)
                self.assertEqual((done.returncode, done.stdout), (3, b""))
                self.assertIn(str(path).encode(), done.stderr)
            self.assertFalse(list(path.glob("*")))

    def test_route_match_reads_matchers(self):
        done = fengsui("route", "match", '{grade=~"red|orange", "片 区"="城关"}', "grade=red",
                       "片 区=城关")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout), {
            "parsed": [{"name": "grade", "op": "=~", "value": "red|orange"},
                       {"name": "片 区", "op": "=", "value": "城关"}], "match": True})
        self.assertEqual(fengsui("route", "match", "grade").returncode, 2)
        done = fengsui("route", "match", "--batch", "-", input="\n".join([
            '{"matchers": "a!=b", "labels": {"a": "b"}}', '{"matchers": "a=b"}',
            '{"matchers": "a"}', '{"labels": {}}']).encode())
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([answer.get("match") for answer in answers], [False, False, None, None])
        self.assertIn("column 2", answers[2]["error"])

    def test_help_is_there_at_every_level(self):
        for words in ([], ["run"], ["demo"], ["replay"], ["rules"], ["rules", "check"],
                      ["generate"], ["eval"], ["route"], ["route", "test"]):
            done = fengsui(*words, "--help")
            self.assertEqual(done.returncode, 0, words)
            self.assertIn(b"--help", done.stdout)
            self.assertEqual(done.stderr, b"")
        self.assertRegex(fengsui("--version").stdout, rb"^fengsui \d+\.\d+\.\d+")

    def test_wrong_usage_is_2(self):
        for words in ([], ["nonsense"], ["replay"],
                      ["replay", "--pack", PACK, "--shards", "0", "x"],
                      ["generate", "--dup", "7"], ["rules", "check"],
                      ["rules", "check", "--explain", "FS000"],
                      ["replay", "--pack", PACK, "--out-of-orderness", "soon", "x"]):
            done = fengsui(*words)
            self.assertEqual(done.returncode, 2, (words, done.stderr))
            self.assertNotEqual(done.stderr, b"")
            self.assertEqual(done.stdout, b"")

    def test_a_bad_pack_is_1_with_places(self):
        self.write("pack/r.yaml", "rules:\n  - id: a\n    form: x\n")
        done = fengsui("rules", "check", self.folder / "pack")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"r.yaml:3:5: error: a rule has no `form`; did you mean `from`", done.stdout)
        as_json = json.loads(fengsui("rules", "check", self.folder / "pack", "--format",
                                     "json").stdout)
        self.assertIn({"file": "r.yaml", "line": 3, "col": 5, "severity": "error"}.items(),
                      [{k: v for k, v in issue.items() if k in ("file", "line", "col", "severity")}
                       .items() for issue in as_json])
        sarif = json.loads(fengsui("rules", "check", self.folder / "pack", "--format",
                                   "sarif").stdout)
        self.assertEqual(sarif["version"], "2.1.0")
        code = as_json[0]["code"]
        self.assertEqual(fengsui("rules", "check", "--explain", code).returncode, 0)
        self.assertEqual(fengsui("replay", "--pack", self.folder / "pack", "-",
                                 input=b"").returncode, 1)

    def test_the_default_pack_has_no_findings(self):
        done = fengsui("rules", "check", PACK)
        self.assertEqual((done.returncode, done.stdout), (0, b"0 errors, 0 warnings\n"))

    def test_the_outside_world_is_3(self):
        self.assertEqual(fengsui("replay", "--pack", PACK, "/no/such/file").returncode, 3)
        lines = "".join(event(n) + "\n" for n in range(5))
        with open("/dev/full", "wb") as full:
            done = subprocess.run([FENGSUI, "replay", "--pack", PACK], input=lines.encode(),
                                  stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 3)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([FENGSUI, "generate", "--events", "9"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 3)

    def test_replay_accounts_for_every_line(self):
        lines = [event(0), event(1), event(1), "not json", "", "  ", event(2)]
        path = self.write("in.ndjson", "\n".join(lines))
        dead = self.folder / "dead.ndjson"
        done = fengsui("replay", "--pack", PACK, "--flush", "--dead-letters", dead, path)
        self.assertEqual(done.returncode, 0)
        summary = json.loads(done.stderr.splitlines()[-1])
        self.assertEqual([summary[k] for k in ("read", "processed", "duplicate", "late",
                                               "dead_letter")], [5, 3, 1, 0, 1])
        letter = json.loads(dead.read_text())
        self.assertEqual(letter["reason"], "parse")
        self.assertEqual(letter["position"], len("\n".join(lines[:3])) + 1)
        self.assertNotIn("bytes", letter)  # the pack has identity fields, and there is no key
        kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
        self.assertEqual(kinds.count("open"), kinds.count("clear"))

    def test_replay_with_state_goes_on(self):
        path = self.write("in.ndjson", "".join(event(n) + "\n" for n in range(3)))
        state = self.folder / "state"
        first = fengsui("replay", "--pack", PACK, "--state", state, path)
        self.assertEqual(first.returncode, 0, first.stderr)
        with open(path, "a", encoding="utf-8") as more:
            more.write("".join(event(n) + "\n" for n in range(3, 6)))
        second = fengsui("replay", "--pack", PACK, "--state", state, "--shards", "3", path)
        self.assertEqual(second.returncode, 0, second.stderr)
        whole = fengsui("replay", "--pack", PACK, path)
        self.assertEqual(first.stdout + second.stdout, whole.stdout)
        self.assertEqual(json.loads(second.stderr.splitlines()[-1])["read"], 6)
        other = self.write("other.ndjson", event(9) + "\n")
        self.assertEqual(fengsui("replay", "--pack", PACK, "--state", state, other).returncode, 2)
        self.assertEqual(fengsui("replay", "--pack", ROOT / "bench/reference", "--state", state,
                                 path).returncode, 2)

    def test_generate_gives_the_same_bytes(self):
        words = ("generate", "--events", "500", "--seed", "5", "--disorder-ms", "900", "--dup",
                 "0.1", "--bad", "0.1")
        self.assertEqual(fengsui(*words).stdout, fengsui(*words).stdout)
        self.assertEqual(fengsui("generate", "--events", "500").stdout.count(b"\n"), 500)

    def test_run_check_says_what_is_wrong_and_starts_nothing(self):
        good = self.write("good.yaml", f"pack: {PACK}\nstate: {{ dir: {self.folder}/s }}\n")
        self.assertEqual(fengsui("run", "-c", good, "--check").returncode, 0)
        self.assertFalse((self.folder / "s").exists())
        bad = self.write("bad.yaml", "stat: {}\n")
        done = fengsui("run", "-c", bad, "--check")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"bad.yaml:1:1: error: unknown key 'stat'; did you mean `state`?",
                      done.stderr)


class Service:
    """`fengsui run` with a file queue, on a free port."""

    def __init__(self, folder, **sections):
        self.folder = folder
        config = {"pack": PACK, "state": {"dir": str(folder / "state")}, "server": {"port": 0},
                  **sections}
        (folder / "fengsui.yaml").write_text(json.dumps(config))
        self.process = subprocess.Popen([FENGSUI, "run", "-c", str(folder / "fengsui.yaml")],
                                        stderr=subprocess.PIPE)
        self.log = b""
        self.url = None
        while self.url is None:
            line = self.process.stderr.readline()
            if not line:
                break
            self.log += line
            found = re.search(rb"serving (http://\S+?)/ ", line)
            self.url = found and found.group(1).decode()

    def ask(self, path, body=None, kind="application/cloudevents+json"):
        request = urllib.request.Request(self.url + path, data=body,
                                         headers={"Content-Type": kind} if body else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        rest = self.process.stderr.read()
        return self.process.wait(timeout=60), rest


class Running(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, **sections):
        service = Service(self.folder, **sections)
        self.addCleanup(service.process.stderr.close)
        self.addCleanup(service.process.wait)
        self.addCleanup(service.process.kill)
        return service

    def test_events_come_in_and_alerts_go_out(self):
        service = self.start()
        self.assertEqual(service.ask("/healthz")[0], 200)
        self.assertEqual(service.ask("/readyz")[0], 200)
        status, _ = service.ask("/v1/events", event(0).encode())
        self.assertEqual(status, 202)
        batch = "[" + ",".join([event(1), '{"specversion":"0.3"}', event(2)]) + "]"
        status, body = service.ask("/v1/events", batch.encode(),
                                   "application/cloudevents-batch+json")
        self.assertEqual(status, 400)
        self.assertEqual([bad["index"] for bad in json.loads(body)["errors"]], [1])
        metrics = service.ask("/metrics")[1].decode()
        self.assertRegex(metrics, r'fengsui_records_total\{[^}]*outcome="processed"[^}]*\} 3')
        status, rest = service.stop()
        self.assertEqual(status, 0, rest)
        summary = json.loads(rest.splitlines()[-1])
        self.assertEqual((summary["read"], summary["processed"], summary["dead_letter"]), (4, 3, 1))
        alerts = [json.loads(line)
                  for line in (self.folder / "state/alerts.ndjson").read_text().splitlines()]
        self.assertEqual({alert["schema"] for alert in alerts}, {"fengsui.alert/1"})
        self.assertIn("cou-002-prohibited-at-outlet", {alert["rule"] for alert in alerts})
        letters = (self.folder / "state/dead-letters.ndjson").read_text().splitlines()
        self.assertEqual([json.loads(letter)["reason"] for letter in letters], ["parse"])
        self.assertEqual(os.stat(self.folder / "state/dead-letters.key").st_mode & 0o777, 0o600)

    def test_officers_list_show_and_act(self):
        service = self.start()
        batch = "[" + ",".join(event(n) for n in range(3)) + "]"
        self.assertEqual(service.ask("/v1/events", batch.encode(),
                                     "application/cloudevents-batch+json")[0], 202)
        port = service.url.rsplit(":", 1)[1]

        def alerts(*words):
            done = fengsui("alerts", *words, "--port", port)
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        status, out, _ = alerts("list", "--rule", "cou-002-prohibited-at-outlet",
                                "--output", "json")
        alert = json.loads(out.splitlines()[0])
        self.assertEqual((status, alert["state"]), (0, "new"))
        number = alert["alert"]
        status, out, _ = alerts("list", "--text", number)
        self.assertEqual((status, len(out.splitlines())), (0, 2))
        self.assertIn(number, out)
        who = ("--actor", "wang", "--role", "duty")
        self.assertEqual(alerts("act", number, "ack", *who)[0], 0)
        status, _, error = alerts("act", number, "verify", *who, "--version", str(alert["version"]))
        self.assertEqual(status, 1)
        self.assertIn("409 The alert has changed", error)
        self.assertEqual(alerts("act", number, "verify", *who)[0], 0)
        self.assertEqual(alerts("act", number, "sleep", *who)[0], 2)
        status, out, _ = alerts("show", number)
        self.assertEqual(status, 0)
        self.assertRegex(out, r"verify by wang \(duty\) -> verifying")
        self.assertRegex(out, r"false_positive +duty; with --reason")
        self.assertEqual(alerts("show", "0" * 16)[0], 1)
        tail = ("tail", "--after", "0", "--text", number, "--count", str(alert["version"] + 2))
        status, out, _ = alerts(*tail, "--output", "json")
        self.assertEqual(status, 0)
        kinds = [json.loads(line)["entry"]["kind"] for line in out.splitlines()]
        self.assertEqual((kinds[0], kinds[-2:]), ("open", ["action", "action"]))
        self.assertRegex(alerts(*tail)[1], r"ack by wang \(duty\) -> acked")
        self.assertEqual(alerts("tail", "--grade", "pink")[0], 2)
        self.assertEqual(json.loads(alerts("show", number, "--output", "json")[1])["version"],
                         alert["version"] + 2)
        service.stop()
        self.assertEqual((alerts("list")[0], alerts("tail")[0]), (3, 3))
        found = json.loads(fengsui("state", "verify", self.folder / "state").stdout)
        self.assertGreater(found["alerts"], 0)

    def test_a_second_copy_on_the_same_state_is_refused(self):
        self.start()
        done = fengsui("run", "-c", self.folder / "fengsui.yaml")
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_a_port_in_use_is_3_and_an_open_address_is_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            service = self.start(server={"port": taken.getsockname()[1]})
            self.assertIsNone(service.url)
            self.assertEqual(service.process.wait(timeout=60), 3)
        service = self.start(server={"address": "0.0.0.0", "port": 0})
        self.assertIsNone(service.url)
        self.assertEqual(service.process.wait(timeout=60), 2)

    def test_the_demo_ends_with_a_summary(self):
        done = fengsui("demo", "--once", "--port", "0", "--pack", PACK)
        self.assertEqual(done.returncode, 0, done.stderr)
        summary = json.loads(done.stderr.splitlines()[-1])
        self.assertEqual(summary["read"], summary["processed"] + summary["duplicate"] +
                         summary["late"] + summary["dead_letter"])
        self.assertGreater(summary["raise"], 0)
        for word in ("http://127.0.0.1:", "records", "red", "orange", "yellow", "blue", "p99"):
            self.assertIn(word, done.stdout.decode())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
