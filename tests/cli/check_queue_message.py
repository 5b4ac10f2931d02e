#!/usr/bin/env python3
"""What queues get against include/fengsui/alert-1.schema.json: a simulated city's messages, with
deadlines and repeats among them; and messages that earlier versions sent, which must fit for ever.

  check_queue_message.py FENGSUI SOURCE_ROOT

Departments build on the message: fields may come, none may go or change. So the schema must have
all that it had (KEPT), and every field that is sent must stand in it.
"""
import json
import pathlib
import sys
import tempfile
import unittest

import jsonschema

from check_commands import ROOT, Service, fengsui

SCHEMA = json.loads((ROOT / "include/fengsui/alert-1.schema.json").read_text())
# Name -> type or values, as of its first version (2026-11-27). Never to be shortened.
KEPT = {
    "schema": ["fengsui.alert/1"], "kind": ["clear", "open", "raise"], "alert": "string",
    "record": "integer", "rule": "string", "title": "string", "department": ["null", "string"],
    "grade": ["blue", "orange", "red", "yellow"], "time": "time", "group": "object",
    "values": "object", "evidence": "array", "labels": "object", "area": ["null", "string"],
    "message": "string", "hits": "integer", "opened": "time", "last": "time", "pack": "string",
    "queue": "string", "deadlines": "object", "repeat": [True], "overdue": "object"}
REQUIRED = {"schema", "kind", "alert", "record", "rule", "title", "department", "grade", "time",
            "group", "pack", "queue"}


def shape(field):
    if "$ref" in field:
        return field["$ref"].rsplit("/", 1)[1]
    if "const" in field:
        return [field["const"]]
    if "enum" in field:
        return sorted(field["enum"])
    return sorted(field["type"]) if isinstance(field["type"], list) else field["type"]


class QueueMessage(unittest.TestCase):
    def setUp(self):
        self.validator = jsonschema.Draft202012Validator(SCHEMA)

    def check(self, message):
        errors = [error.message for error in self.validator.iter_errors(message)]
        self.assertEqual(errors, [], message)
        self.assertEqual(set(message) - set(SCHEMA["properties"]), set(), message)

    def test_nothing_has_gone(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        now = {name: shape(field) for name, field in SCHEMA["properties"].items()}
        self.assertEqual(KEPT | now, now)
        self.assertEqual({name: now[name] for name in KEPT}, KEPT)
        self.assertLessEqual(REQUIRED, set(SCHEMA["required"]))

    def test_what_was_sent_before_fits(self):
        lines = (pathlib.Path(__file__).parent / "queue_messages.ndjson").read_text().splitlines()
        self.assertGreater(len(lines), 4)
        for line in lines:
            self.check(json.loads(line))

    def test_what_is_wrong_does_not(self):
        """The schema can fail."""
        lines = (pathlib.Path(__file__).parent / "queue_messages.ndjson").read_text().splitlines()
        message = json.loads(lines[0])
        for change in ({"grade": "green"}, {"record": 0}, {"alert": "x"}, {"time": "now"},
                       {"evidence": None}, {"overdue": {}}):
            self.assertFalse(self.validator.is_valid(message | change), change)
        for name in REQUIRED:
            self.assertFalse(self.validator.is_valid(
                {key: value for key, value in message.items() if key != name}), name)

    def test_what_is_sent_fits(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "dispatch.yaml").write_text(json.dumps({
                "route": {"queue": "duty", "deadlines": {"receive": "1s"},
                          "routes": [{"matchers": ["grade=~'orange|red'".replace("'", '"')],
                                      "queue": "city", "group_wait": "0s", "group_interval": "1s",
                                      "repeat_interval": "1s"}]},
                "supervision": {"queue": "supervision"},
                "queues": [{"name": queue, "sinks": [{"file": {
                    "path": str(folder / f"{queue}.ndjson")}}]}
                           for queue in ("duty", "city", "supervision")]}))
            service = Service(folder, dispatch=str(folder / "dispatch.yaml"))
            try:
                events = fengsui("generate", "--events", "4000", "--rate", "0.2").stdout
                self.assertEqual(service.ask("/v1/events", events, "application/x-ndjson")[0], 202)
                messages = []
                while not all(any(key in message for message in messages)
                              for key in ("repeat", "overdue")) or not any(
                                  message["queue"] == "supervision" for message in messages):
                    messages = [json.loads(line) for path in folder.glob("*.ndjson")
                                for line in path.read_text().split("\n")[:-1]]
                self.assertEqual(service.stop()[0], 0)
            finally:
                service.process.kill()
                service.process.wait()
                service.process.stderr.close()
        for message in messages:
            self.check(message)
        kinds = {message["kind"] for message in messages}
        self.assertEqual(kinds, {"open", "raise", "clear"})
        self.assertTrue(any("deadlines" in message for message in messages))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
