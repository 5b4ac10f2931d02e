#!/usr/bin/env python3
"""`fengsui eval`: eval.ndjson through --batch (each line with the answer that is wanted), lines
that are no requests, and the form for one expression.

  check_eval.py FENGSUI
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

FENGSUI = sys.argv[1]
TABLE = pathlib.Path(__file__).with_name("eval.ndjson")


def fengsui(*arguments, given=b""):
    return subprocess.run([FENGSUI, *map(str, arguments)], capture_output=True, check=False,
                          timeout=60, input=given)


def answers(given):
    done = fengsui("eval", "--batch", "-", given=given)
    assert done.returncode == 0 and done.stderr == b"", done
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


class Batch(unittest.TestCase):
    def test_each_line_has_its_answer_in_order(self):
        rows = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
        wanted = [row.pop("wanted") for row in rows]
        given = "".join(json.dumps(row) + "\n" for row in rows).encode()
        got = answers(given)
        self.assertEqual(len(got), len(rows))
        for row, answer, want in zip(rows, got, wanted):
            self.assertEqual(answer, want, row)

    def test_a_file_is_as_good_as_a_pipe(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b'{"expr": "1"}\n{"expr": "2"}')
            file.flush()
            done = fengsui("eval", "--batch", file.name)
        self.assertEqual(done.stdout, b'{"value":{"int":"1"}}\n{"value":{"int":"2"}}\n')
        self.assertEqual(done.returncode, 0)

    def test_a_bad_line_is_answered_and_the_next_one_too(self):
        form = 'a line is {"expr": text, "bindings": {name: V, …}}'
        deep, deepest = (b'{"expr": "x", "bindings": {"x": ' + b'{"list": [' * depth +
                         b"]}" * depth + b"}}" for depth in (600, 300_000))
        rows = [(b"", "no JSON"), (b"{", "no JSON"), (b'{"expr": "\xff"}', "no JSON"),
                (b"[]", form), (b"{}", form), (b'{"expr": 1}', form),
                (b'{"expr": "1", "binding": {}}', form),
                (deep, "binding `x`: the value nests too deep"),
                (deepest, "binding `x`: the value nests too deep"),
                (b"[" * 1_000_000, "no JSON"), (b"x" * (16 << 20), "the line is too long"),
                (b'{"expr": "' + b"(" * 70_000 + b'"}',
                 "column 1: the expression is longer than 65536 bytes")]
        for line, message in rows:
            bad, good = answers(line + b'\n{"expr": "1"}\n')
            self.assertEqual(bad, {"error": {"message": message}}, line[:40])
            self.assertEqual(good, {"value": {"int": "1"}})

    def test_no_line_no_answer(self):
        self.assertEqual(answers(b""), [])


class One(unittest.TestCase):
    def check(self, arguments, status, out, errors, given=b""):
        done = fengsui("eval", *arguments, given=given)
        self.assertEqual((done.returncode, done.stdout.decode(), done.stderr.decode()),
                         (status, out, errors))

    def test_the_value_is_json(self):
        for expression, out in [("1 + 2", "3"), ("'a' + '中'", '"a中"'), ("[1u, 2.0, null]",
                                "[1,2.0,null]"), ("-0.0", "-0.0"), ("1.0 / 0.0", '"Infinity"'),
                                ("{'a': duration('90s')}", '{"a":"90s"}'), ("b'a'", '"YQ=="')]:
            self.check([expression], 0, out + "\n", "")

    def test_bindings_are_plain_json(self):
        bindings = b'{"n": 3, "x": 1.0, "o": {"k": [true, null]}, "a.b": "s", "big": 1e19}'
        with tempfile.NamedTemporaryFile() as file:
            file.write(bindings)
            file.flush()
            self.check(["n / 2", "--bindings", file.name], 0, "1\n", "")
        for expression, out in [("x / 2.0", "0.5"), ("o.k[0]", "true"), ("o.k[1] == null", "true"),
                                ("a.b", '"s"'), ("type(big) == double", "true"),
                                ("o", '{"k":[true,null]}')]:
            self.check([expression, "--bindings", "-"], 0, out + "\n", "", given=bindings)

    def test_an_error_goes_to_standard_error(self):
        self.check(["1 / 0"], 1, "", "fengsui: division by zero\n")
        self.check(["1 +"], 1, "", "fengsui: column 4: expected a value, the expression ends\n")
        self.check(["nam", "--bindings", "-"], 1, "",
                   "fengsui: column 1: unknown name `nam`; did you mean `name`?\n",
                   given=b'{"name": 1}')
        self.check(["1", "--bindings", "-"], 1, "", "fengsui: -: no JSON\n", given=b"{")

    def test_what_cannot_be_read_is_3_and_wrong_usage_2(self):
        for words, status in [(["1", "--bindings", "/nowhere/x"], 3),
                              (["--batch", "/nowhere/x"], 3), ([], 2), (["1", "2"], 2),
                              (["1", "--batch", "-"], 2), (["--batch", "-", "--bindings", "-"], 2)]:
            done = fengsui("eval", *words)
            self.assertEqual((done.returncode, done.stdout), (status, b""), words)
            self.assertNotEqual(done.stderr, b"")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
