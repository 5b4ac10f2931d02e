#!/usr/bin/env python3
"""Another pack while the service runs: by SIGHUP, by watching the files, over HTTP; and the archive
that it keeps, printed and replayed.

  check_reload.py FENGSUI SOURCE_ROOT
"""
import json
import pathlib
import re
import signal
import sys
import tempfile
import unittest

from check_commands import Service, fengsui

SCHEMA = """event: gate.pass
type: object
required: [gate]
properties:
  gate: { type: string }
  who: { type: string, x-identity: { purposes: [safety] } }
  secret: { type: string, x-protected: true }
"""
RULE = """  - id: {id}
    from: gate.pass
    by: gate
    window: {{ sliding: 1h }}
    let: {{ n: count() }}
    grade: {{ yellow: n >= 3 }}
    purpose: {{ use: test, basis: test, retain: 1d }}
"""


def gate_pass(number):
    return json.dumps({
        "specversion": "1.0", "id": f"e{number}", "source": "test", "type": "gate.pass",
        "time": f"2026-03-01T00:00:{number:02d}Z",
        "data": {"gate": "G1", "who": {"safety": "p1.k1.abcdefghijklmnopqrstuv"},
                 "secret": "gone"}}).encode()


class Reloading(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "pack/schemas").mkdir(parents=True)
        (self.folder / "pack/schemas/pass.yaml").write_text(SCHEMA)
        self.write_rules("one")

    def write_rules(self, *ids, more=""):
        rules = "rules:\n" + "".join(RULE.format(id=name) for name in ids) + more
        (self.folder / "pack/rules.yaml").write_text(rules)

    def start(self, **sections):
        service = Service(self.folder, pack=str(self.folder / "pack"), **sections)
        self.addCleanup(service.process.stderr.close)
        self.addCleanup(service.process.wait)
        self.addCleanup(service.process.kill)
        self.assertIsNotNone(service.url, service.log)
        return service

    def wait_log(self, service, pattern):
        for line in service.process.stderr:
            if re.search(pattern, line):
                return line
        self.fail(f"the service ended before it logged {pattern}")

    def rules(self, service):
        return json.loads(service.ask("/v1/rules")[1])

    def alerts(self):
        text = (self.folder / "state/alerts.ndjson").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def test_sighup_takes_over_a_good_pack_and_refuses_a_bad_one(self):
        service = self.start(pack_watch="false")
        first = self.rules(service)["pack"]["hash"]
        for number in (0, 1):
            self.assertEqual(service.ask("/v1/events", gate_pass(number))[0], 202)
        self.write_rules("one", "two")
        service.process.send_signal(signal.SIGHUP)
        self.wait_log(service, rb"is in force from log position")
        now = self.rules(service)
        self.assertNotEqual(now["pack"]["hash"], first)
        self.assertEqual([rule["id"] for rule in now["rules"]], ["one", "two"])
        self.write_rules("one", "two", more="  - id: three\n")
        service.process.send_signal(signal.SIGHUP)
        self.wait_log(service, rb"the pack is refused")
        self.assertEqual(self.rules(service), now)
        self.assertEqual(service.ask("/v1/events", gate_pass(2))[0], 202)
        self.assertEqual(service.stop()[0], 0)
        # `one` went on counting, `two` began with the third event.
        self.assertEqual([(alert["rule"], alert["values"]["n"]) for alert in self.alerts()],
                         [("one", 3)])
        self.assertEqual(self.alerts()[0]["pack"], now["pack"]["hash"])

    def test_files_that_change_are_taken_over_by_themselves(self):
        service = self.start()
        self.write_rules("one", "two")
        self.wait_log(service, rb"is in force from log position")
        self.assertEqual(len(self.rules(service)["rules"]), 2)
        metrics = service.ask("/metrics")[1].decode()
        self.assertIn('fengsui_pack_reloads_total{outcome="swapped"} 1', metrics)
        self.assertEqual(service.stop()[0], 0)

    def test_a_reload_over_http_warms_fresh_rules_and_says_what_became_of_each(self):
        service = self.start(pack_watch="false")
        for number in (0, 1):
            service.ask("/v1/events", gate_pass(number))
        self.write_rules("one", "warm")
        status, body = service.ask("/v1/rules/reload", b'{"warm": true}', "application/json")
        self.assertEqual(status, 200, body)
        answer = json.loads(body)
        self.assertEqual((answer["kept"], answer["fresh"], answer["removed"]),
                         (["one"], ["warm"], []))
        self.assertEqual(answer["events_warmed"], 2)
        service.ask("/v1/events", gate_pass(2))
        self.write_rules("warm", more="  - id: bad\n")
        status, body = service.ask("/v1/rules/reload", b"{}", "application/json")
        self.assertEqual(status, 422)
        self.assertEqual(json.loads(body)["findings"][0]["file"], "rules.yaml")
        self.assertEqual(service.stop()[0], 0)
        self.assertEqual(sorted(alert["rule"] for alert in self.alerts()), ["one", "warm"])

    def test_a_restart_goes_on_with_the_pack_that_is_there_then(self):
        service = self.start()
        for number in (0, 1):
            service.ask("/v1/events", gate_pass(number))
        service.process.kill()
        service.process.wait()
        self.write_rules("new", "one")
        service = self.start()
        service.ask("/v1/events", gate_pass(2))
        self.assertEqual([rule["id"] for rule in self.rules(service)["rules"]], ["new", "one"])
        self.assertEqual(service.stop()[0], 0)
        self.assertEqual([alert["rule"] for alert in self.alerts()], ["one"])

    def test_the_archive_is_printed_as_events_that_replay(self):
        service = self.start()
        for number in range(4):
            service.ask("/v1/events", gate_pass(number))
        self.assertEqual(service.stop()[0], 0)
        archive = self.folder / "state/archive"
        listed = fengsui("archive", "ls", archive).stdout.splitlines()
        segments = [json.loads(line) for line in listed]
        self.assertEqual([segment["events"] for segment in segments], [4])
        done = fengsui("archive", "cat", archive)
        self.assertEqual(done.returncode, 0, done.stderr)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["id"] for event in events], ["e0", "e1", "e2", "e3"])
        self.assertEqual(events[0]["data"],
                         {"gate": "G1", "who": {"safety": "p1.k1.abcdefghijklmnopqrstuv"}})
        (self.folder / "events.ndjson").write_bytes(done.stdout)
        again = fengsui("replay", "--pack", self.folder / "pack", self.folder / "events.ndjson")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual([json.loads(line)["alert"] for line in again.stdout.splitlines()],
                         [alert["alert"] for alert in self.alerts()])
        some = fengsui("archive", "cat", archive, "--from", "2026-03-01T00:00:01Z",
                       "--to", "2026-03-01T00:00:03Z", "--type", "gate.pass")
        self.assertEqual([json.loads(line)["id"] for line in some.stdout.splitlines()],
                         ["e1", "e2"])
        self.assertEqual(fengsui("archive", "cat", archive, "--type", "other").stdout, b"")
        self.assertEqual(fengsui("archive", "cat", self.folder / "nothing").returncode, 3)
        self.assertEqual(fengsui("archive", "cat", archive, "--from", "soon").returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
