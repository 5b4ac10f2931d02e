#!/usr/bin/env python3
"""The author's bench as its users run it: `fengsui rules test|explain|diff|cost`, their exit
status, what they print and where.

  check_rules.py FENGSUI
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

FENGSUI = sys.argv[1]

SCHEMA = """event: t.parcel
properties:
  outlet: { type: string }
  ok: { type: boolean }
  grid: { type: string, x-area: true }
  sender: { type: string, x-identity: true }
"""
RULES = """rules:
  - id: burst
    from: t.parcel
    when: has(ok) && ok
    by: outlet
    window: { sliding: 1h }
    let: { n: count() }
    grade: { red: n >= 3, yellow: n >= 2 }
    message: "{outlet}：{n} 件"
    purpose: { id: p, use: u, basis: b, retain: 1d }
"""
TESTS = """tests:
  - name: two within the hour
    events:
      - { at: 0, type: t.parcel, data: { outlet: O1, ok: true, sender: 甲 } }
      - { at: 59m, type: t.parcel, data: { outlet: O1, ok: true, sender: 乙 } }
    expect:
      - { at: 59m, rule: burst, kind: open, grade: yellow, values: { n: 2 }, message: O1：2 件 }
"""
FAILING = """  - name: three
    flush: true
    events:
      - { at: 0, type: t.parcel, data: { outlet: O1, ok: true } }
      - { at: 1m, type: t.parcel, data: { outlet: O1, ok: true } }
    expect:
      - { at: 1m, rule: burst, kind: open, grade: red, values: { n: 3 } }
"""
GOLDEN_FAILURE = """FAIL tests/a.yaml:8:5 three
     expected           got
  ~  1m burst open red  1m burst open yellow
  ~    values.n: 3        values.n: 2
  +  (nothing)          1h1m burst clear yellow
                          group.outlet: "O1"
                          hits: 1

2 tests, 1 passed, 1 failed
"""


def fengsui(*arguments, given=b""):
    done = subprocess.run([FENGSUI, *map(str, arguments)], capture_output=True, check=False,
                          timeout=120, input=given)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def event(number, outlet="O1", **data):
    return json.dumps({"specversion": "1.0", "id": f"e{number}", "source": "s", "type": "t.parcel",
                       "time": f"2026-03-01T00:{number:02d}:00Z",
                       "data": {"outlet": outlet, "grid": "G1", **data}}) + "\n"


class Bench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.pack = self.make("pack", RULES)

    def make(self, name, rules, tests=TESTS):
        for path, text in (("schemas/t.yaml", SCHEMA), ("r.yaml", rules), ("tests/a.yaml", tests)):
            file = self.folder / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return self.folder / name

    def events(self, *lines):
        path = self.folder / "events.ndjson"
        path.write_text("".join(lines), encoding="utf-8")
        return path

    def test_help_is_there(self):
        for command in ("test", "explain", "diff", "cost"):
            status, out, err = fengsui("rules", command, "--help")
            self.assertEqual((status, err), (0, ""))
            self.assertIn("--help", out)

    def test_wrong_usage_is_2(self):
        file = self.events(event(0))
        for words in (["test"], ["diff", self.pack], ["diff", self.pack, self.pack],
                      ["explain", self.pack, file], ["explain", self.pack, "--rule", "burst"],
                      ["explain", self.pack, "--rule", "brust", file],
                      ["explain", self.pack, "--rule", "burst", "--group", "outlt=1", file],
                      ["explain", self.pack, "--rule", "burst", "--at", "2026-03-01T00:00:00Z",
                       file],
                      ["explain", self.pack, "--rule", "burst", "--group", "outlet=1", "--at",
                       "noon", file],
                      ["cost"], ["cost", self.pack, "--format", "xml"]):
            status, out, err = fengsui("rules", *words)
            self.assertEqual((status, out), (2, ""), (words, err))
            self.assertNotEqual(err, "")

    def test_a_pack_with_errors_is_1_and_a_missing_file_3(self):
        bad = self.make("bad", RULES.replace("ok\n", "okk\n"))
        file = self.events(event(0))
        for words in (["test", bad], ["diff", bad, self.pack, file], ["diff", self.pack, bad, file],
                      ["explain", bad, "--rule", "burst", file], ["cost", bad]):
            status, out, err = fengsui("rules", *words)
            self.assertEqual((status, out), (1, ""), words)
            self.assertIn("r.yaml:4:22: error: ", err)
        for words in (["diff", self.pack, self.pack, "/no/such"], ["cost", self.pack, "/no/such"],
                      ["explain", self.pack, "--rule", "burst", "/no/such"],
                      ["test", self.pack, "--junit", "/no/such/file"]):
            self.assertEqual(fengsui("rules", *words)[0], 3, words)

    def test_tests_that_pass(self):
        status, out, err = fengsui("rules", "test", self.pack)
        self.assertEqual((status, out, err), (0, "1 test, 1 passed, 0 failed\n", ""))

    def test_tests_that_fail_show_expected_and_got(self):
        self.make("pack", RULES, TESTS + FAILING)
        status, out, _ = fengsui("rules", "test", self.pack, "--mutate")
        self.assertEqual(status, 1)
        self.assertEqual(out, GOLDEN_FAILURE)

    def test_junit_is_well_formed(self):
        self.make("pack", RULES, TESTS + FAILING.replace("three", "'<three> & \"four\"'"))
        file = self.folder / "junit.xml"
        self.assertEqual(fengsui("rules", "test", self.pack, "--junit", file, "--coverage")[0], 1)
        root = xml.etree.ElementTree.parse(file).getroot()
        self.assertEqual((root.get("tests"), root.get("failures")), ("2", "1"))
        cases = root.findall("testsuite/testcase")
        self.assertEqual([case.get("name") for case in cases],
                         ["two within the hour", '<three> & "four"'])
        self.assertIn("values.n: 2", cases[1].find("failure").text)
        names = [p.get("name") for p in root.findall("testsuite/properties/property")]
        self.assertEqual(names, ["coverage.burst", "coverage.burst.never"])

    def test_a_test_with_a_slip_is_a_finding_of_check(self):
        self.make("pack", RULES, TESTS.replace("rule: burst", "rule: brust"))
        status, out, _ = fengsui("rules", "check", self.pack)
        self.assertEqual(status, 1)
        self.assertIn("tests/a.yaml:7:26: error: no rule has the id `brust`; did you mean `burst`",
                      out)

    def test_coverage_and_mutants(self):
        status, out, _ = fengsui("rules", "test", self.pack, "--coverage", "--mutate")
        self.assertEqual(status, 0)
        self.assertIn("  grade red: never reached\n", out)
        self.assertIn("  when: `ok` was never false\n", out)
        # The planted weak tests: nothing looks at red, nor at an event that is not ok.
        self.assertIn("  r.yaml:8:19: survives: grade `red` never holds\n", out)
        self.assertIn("  r.yaml:4:22: survives: `ok` becomes `true`\n", out)
        self.assertNotIn("`n >= 2` becomes `n >= 3`", out)
        self.assertRegex(out.splitlines()[-1], r"^\d+ mutants, \d+ killed, \d+ survived")

    def test_explain_as_text_and_as_lines_of_json(self):
        file = self.events(event(0, ok=True), event(1, ok=False), event(2), event(3, ok=True),
                           "not json\n")
        status, out, err = fengsui("rules", "explain", self.pack, "--rule", "burst", file)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("s#e1 (t.parcel) does not count: `when` is false", out)
        self.assertIn("    has(ok)  = false\n    ok  = not evaluated: others decided\n", out)
        self.assertIn("    record: open yellow ", out)
        self.assertIn("line 5 # is a dead letter", out)
        status, out, _ = fengsui("rules", "explain", self.pack, "--rule", "burst", "--event",
                                 "s#e3", "--format", "json", file)
        facts = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([fact["fact"] for fact in facts], ["event", "evaluation", "summary"])
        self.assertEqual(facts[1]["values"], {"n": 2})
        self.assertEqual(facts[1]["records"][0]["kind"], "open")
        self.assertEqual(facts[2]["counted"], 2)

    def test_diff(self):
        new = self.make("new", RULES.replace("n >= 2", "n >= 1"))
        file = self.events(event(0, ok=True), event(1, ok=True), event(2, "O2", ok=True))
        status, out, err = fengsui("rules", "diff", self.pack, new, file)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("rules: 1 kept, 0 fresh, 0 new, 0 removed\n", out)
        self.assertIn("alerts over 3 records: 0 same, 0 regraded, 1 moved, 1 added, 0 lost\n", out)
        with open(file, "rb") as given:
            status, out, _ = fengsui("rules", "diff", self.pack, new, "-", "--format", "json",
                                     given=given.read())
        self.assertEqual(status, 0)
        answer = json.loads(out)
        self.assertEqual(answer["alerts"],
                         {"same": 0, "regraded": 0, "moved": 1, "added": 1, "lost": 0})
        self.assertEqual(answer["rules"], [{"rule": "burst", "state": "kept",
                                            "changed": ["grade yellow"], "open": 1}])
        self.assertEqual(fengsui("rules", "diff", self.pack, new, self.events())[0], 0)

    def test_cost(self):
        file = self.events(event(0, ok=True), event(1, ok=True), event(2, ok=False))
        status, out, _ = fengsui("rules", "cost", self.pack, file, "--format", "json")
        self.assertEqual(status, 0)
        answer = json.loads(out)
        self.assertEqual(answer["events"], 3)
        rule = answer["rules"][0]
        self.assertEqual((rule["rule"], rule["matches"], rule["hits"], rule["groups"]),
                         ("burst", 2, 1, 1))
        self.assertGreater(rule["ns_per_event"], 0)
        self.assertGreater(rule["state_bytes"], 0)
        status, out, _ = fengsui("rules", "cost", self.pack)
        self.assertEqual(status, 0)
        self.assertIn("sliding 1h", out)

    def test_check_estimates_what_each_rule_keeps(self):
        status, out, _ = fengsui("rules", "check", self.pack, "--estimate")
        self.assertEqual(status, 0)
        self.assertLess(out.index("0 errors"), out.index("sliding 1h"))
        self.assertNotIn("sliding 1h", fengsui("rules", "check", self.pack)[1])
        as_json = ("--format", "json")
        self.assertEqual(fengsui("rules", "check", self.pack, "--estimate", *as_json)[0], 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
