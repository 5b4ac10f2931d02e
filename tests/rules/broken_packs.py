#!/usr/bin/env python3
"""Broken packs: each is refused, with all its findings, quickly and in little memory.

  broken_packs.py FENGSUI [--slow FACTOR] [--only NAME]

A pack is made by a function below; what stands in its docstring are the findings that must be
among those printed, one a line, as `file:line CODE` (`file` alone: any line). A case that is
small names all of its findings and says so with `exactly`. Time is the processor's, so that a busy
machine fails nothing; FACTOR multiplies the limits where sanitizers slow everything down.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile

SECONDS_MAX = 2
BYTES_MAX = 512 << 20

SCHEMA = """event: t.parcel
required: [outlet, weight, ok]
properties:
  outlet: { type: string }
  weight: { type: number, minimum: 0 }
  ok: { type: boolean }
"""
PURPOSE = "    purpose: { use: u, basis: b, retain: 30d }\n"


def rule(body, rule_id="r"):
    return f"  - id: {rule_id}\n    from: t.parcel\n{body}    grade: blue\n{PURPOSE}"


def rules(*bodies):
    return "rules:\n" + "".join(rule(body, f"r{i}") for i, body in enumerate(bodies))


class Pack:
    def __init__(self, root):
        self.root = root
        self.put("schemas/s.yaml", SCHEMA)

    def path(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def put(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())


CASES = []


def case(function):
    CASES.append(function)
    return function


def text_case(name, exactly, files):
    """A pack of a few small files; its findings are all of these."""
    def make(pack):
        for path, content in files.items():
            pack.put(path, content)
    make.__name__ = name
    make.__doc__ = "exactly\n" + exactly
    CASES.append(make)


def small(name, exactly, r_yaml):
    text_case(name, exactly, {"r.yaml": r_yaml})


# What a slip of the hand makes of YAML.
small("wrong_indent", "r.yaml:3 FS101", "rules:\n  - id: r\n   from: t.parcel\n")
small("tabs", "r.yaml:2 FS101", "rules:\n\t- id: r\n")
small("anchor_and_alias", "r.yaml:1 FS102\nr.yaml:2 FS109\nr.yaml:2 FS102",
      "rules: &a []\nmore: *a\n")
small("alias_of_nothing", "r.yaml:5 FS104\nr.yaml:5 FS102",
      rules("    when: ok\n    when: *gone\n"))
small("tag", "r.yaml:4 FS103\nr.yaml:4 FS108", rules("    when: !!python/none\n"))
small("duplicate_keys", "r.yaml:5 FS104\nr.yaml:8 FS104",
      rules("    when: ok\n    when: ok\n") + "    grade: red\n")
small("list_as_key", "r.yaml:2 FS105", "rules: []\n? [a, b]\n: c\n")
small("second_document", "r.yaml:3 FS107", "rules: []\n---\nrules: []\n")
small("end_in_a_string",
      "r.yaml:4 FS101\nr.yaml:2 FS110\nr.yaml:2 FS110\nr.yaml:5 FS501", rules('    when: "ok\n'))
small("open_bracket", "r.yaml:2 FS101", "rules: [\n")
small("only_a_dash", "r.yaml:1 FS108", "-\n")
small("a_scalar", "r.yaml:1 FS108", "rules\n")
small("unknown_everything",
      "r.yaml:3 FS403\nr.yaml:4 FS109\nr.yaml:5 FS109\nr.yaml:6 FS408\nr.yaml:7 FS412\n"
      "r.yaml:8 FS410\nr.yaml:9 FS109\nr.yaml:9 FS110",
      "rules:\n  - id: r\n    from: t.nope\n    whne: ok\n    bye: outlet\n"
      "    window: { slid: 1h }\n    mode: onn\n    grade: violet\n"
      "    purpose: { use: u, basis: b, reatin: 30d }\n")
small("empty_rule", "r.yaml:3 FS108", "rules:\n  -\n")
small("nothing_in_a_rule", "r.yaml:2 FS110\nr.yaml:2 FS110\nr.yaml:2 FS110\nr.yaml:2 FS110",
      "rules:\n  - {}\n")
small("unknown_names", "r.yaml:4 FS502\nr.yaml:5 FS502\nr.yaml:6 FS502\nr.yaml:7 FS502",
      rules("    when: okk\n    by: outlett\n    let: { a: weigth }\n    message: '{b}'\n"))
small("text_where_a_list_is", "r.yaml:1 FS108", "rules: none\n")
small("crlf_and_an_error", "r.yaml:4 FS502", rules("    when: okk\n").replace("\n", "\r\n"))
small("carriage_returns_alone", "r.yaml:1 FS101", "rules:\r  - id: r: x\r")
small("huge_number", "r.yaml:4 FS407\nr.yaml:5 FS501",
      rules("    quiet: 99999999999999999999d\n    when: weight > 99999999999999999999999\n"))
small("never_ending_quotes", "r.yaml:4 FS501", rules("    when: \"outlet == '\"\n"))

# Files that are none.
small("empty_file", "r.yaml:1 FS006", "")
small("comments_alone", "r.yaml:1 FS006", "# nothing\n# more of it\n")
small("nul", "r.yaml:1 FS005", b"rules: \0[]\n")
small("invalid_utf8", "r.yaml:1 FS004", b"rules: [] # \xb1\xea\xff\n")
small("cut_code_point", "r.yaml:1 FS004", b"rules: [] # \xe6\xa0")
small("surrogates", "r.yaml:1 FS004", b"rules: [] # \xed\xa0\x80\n")
small("utf16", "r.yaml:1 FS004", "rules: []\n".encode("utf-16"))
small("a_bom_inside", "r.yaml:1 FS108", b"\xef\xbb\xbfrules: \xef\xbb\xbf[]\n")

# Tables.
text_case("csv_quirks",
          "lists/a.csv:2 FS201\nlists/b.csv:3 FS201\nlists/c.csv:2 FS202\nlists/d.csv:1 FS204\n"
          "lists/e.csv:3 FS203\nlists/f.csv:1 FS006",
          {"lists/a.csv": "k,n\na\"b,1\n", "lists/b.csv": "k,n\na,1\n\"b,1\n",
           "lists/c.csv": "k,n\na\n", "lists/d.csv": "k,k\n", "lists/e.csv": "k\na\na\n",
           "lists/f.csv": "\n"})
text_case("areas", "areas.csv:2 FS206\nareas.csv:3 FS208\nareas.csv:4 FS207",
          {"areas.csv": "code,name,parent,kind,lat,lon\n1,a,9,c,,\n2,b,,c,200,5\n3,c,3,c,,\n"})
text_case("pack_head", "pack.yaml:1 FS109\npack.yaml:2 FS111",
          {"pack.yaml": "nam: x\ntimezone: UTC+8\n"})
text_case("schema_faults",
          "schemas/t.yaml:2 FS309\nschemas/t.yaml:4 FS302\nschemas/t.yaml:5 FS301\n"
          "schemas/t.yaml:6 FS305\nschemas/t.yaml:7 FS304\nschemas/t.yaml:8 FS306",
          {"schemas/t.yaml": "event: t.t\nrequired: [z]\nproperties:\n  a: { type: txt }\n"
                             "  b: { type: string, lenght: 3 }\n  c: { type: string, enum: [1] }\n"
                             "  d: { type: number, minimum: 2, maximum: 1 }\n"
                             "  e: { type: string, pattern: '(' }\n"})


@case
def cycle_of_defs(pack):
    """defs/d.yaml FS432"""
    pack.put("defs/d.yaml", "defs:\n  a: b || ok\n  b: c && ok\n  c: \"!a\"\n")
    pack.put("r.yaml", rules("    when: a\n"))


@case
def defs_that_grow(pack):
    """FS434"""
    lines = ["defs:", "  d0: ok"]
    lines += [f"  d{i}: d{i - 1} || !d{i - 1} || d{i - 1}" for i in range(1, 60)]
    pack.put("defs/d.yaml", "\n".join(lines) + "\n")
    pack.put("r.yaml", rules("    when: d59\n"))


@case
def sequence_with_faults(pack):
    """r.yaml FS428"""
    pack.put("r.yaml", f"""rules:
  - id: r
    sequence:
      within: 0
      steps:
        - {{ absent: true, times: 3, from: t.parcel, by: outlet }}
        - {{ absent: true, from: t.parcel, by: outlet }}
    grade: blue
{PURPOSE}""")


@case
def yaml_bomb(pack):
    """r.yaml FS102"""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 60)]
    pack.put("r.yaml", "\n".join(lines) + "\nrules: *a59\n")


@case
def deep_yaml_flow(pack):
    """r.yaml:1 FS106"""
    pack.put("r.yaml", "rules: " + "[" * 10_000 + "]" * 10_000 + "\n")


@case
def deep_yaml_block(pack):
    """r.yaml FS106"""
    pack.put("r.yaml", "rules:\n" + "".join(" " * i + "a:\n" for i in range(3_000)))


@case
def deep_yaml_maps(pack):
    """r.yaml:1 FS106"""
    pack.put("r.yaml", "rules: " + "{a: " * 10_000 + "}" * 10_000 + "\n")


@case
def deep_yaml_unclosed(pack):
    """r.yaml:1 FS106"""
    pack.put("r.yaml", "rules: " + "[" * 200_000)


@case
def deep_cel(pack):
    """r.yaml:4 FS501"""
    pack.put("r.yaml", rules("    when: \"" + "(" * 10_000 + "ok" + ")" * 10_000 + "\"\n"))


@case
def deep_cel_nots(pack):
    """r.yaml:4 FS501"""
    pack.put("r.yaml", rules("    when: \"" + "!" * 10_000 + "ok\"\n"))


@case
def long_cel(pack):
    """r.yaml:4 FS501"""
    pack.put("r.yaml", rules("    when: \"" + " || ".join(["ok"] * 175_000) + "\"\n"))


@case
def cel_up_to_the_limit(pack):
    """r.yaml FS502"""
    pack.put("r.yaml", rules("    when: \"" + " && ".join(["weight > 1.5"] * 4_000) + "\"\n",
                             "    when: nope\n"))


@case
def long_list_in_cel(pack):
    """r.yaml FS502"""
    values = ", ".join(f"'{i}'" for i in range(6_000))
    pack.put("r.yaml", rules(f"    when: \"outlet in [{values}]\"\n", "    when: nope\n"))


@case
def braces_without_end(pack):
    """r.yaml:4 FS417"""
    pack.put("r.yaml", rules("    message: \"" + "{" * 100_001 + "\"\n"))


@case
def a_hundred_thousand_keys(pack):
    """r.yaml FS109"""
    pack.put("r.yaml", "rules: []\n" + "".join(f"k{i}: 1\n" for i in range(100_000)))


@case
def a_hundred_thousand_labels(pack):
    """r.yaml FS413"""
    labels = ", ".join(f"l{i}: {'1' if i == 7 else 'x'}" for i in range(100_000))
    pack.put("r.yaml", rules("    labels: {" + labels + "}\n"))


@case
def ten_thousand_lets(pack):
    """r.yaml FS502"""
    lets = "".join(f"      l{i}: {'l' + str(i - 1) if i else 'nope'} + 1\n" for i in range(2_000))
    pack.put("r.yaml", rules("    let:\n" + lets))


@case
def many_types_in_from(pack):
    """r.yaml FS403"""
    pack.put("r.yaml", "rules:\n  - id: r\n    from: [" +
             ", ".join(f"t.t{i}" for i in range(5_000)) + "]\n    grade: blue\n" + PURPOSE)


@case
def many_properties(pack):
    """schemas/t.yaml FS302"""
    lines = "".join(f"  f{i}: {{ type: {'number' if i else 'nmber'} }}\n" for i in range(20_000))
    pack.put("schemas/t.yaml", "event: t.t\nproperties:\n" + lines)


@case
def huge_list(pack):
    """lists/a.csv:300002 FS203"""
    pack.put("lists/a.csv", "k\n" + "".join(f"key{i}\n" for i in range(300_000)) + "key7\n")


@case
def huge_keywords(pack):
    """r.yaml FS502"""
    pack.put("keywords/a.txt", "".join(f"词{i * 7919 % 100_003}条\n" for i in range(30_000)))
    pack.put("r.yaml", rules("    when: nope\n"))


@case
def random_bytes(pack):
    """r.yaml FS004
    lists/a.csv FS004
    keywords/a.txt FS004
    schemas/s.yaml FS004"""
    junk = bytes((i * 7919 + i // 251) % 256 for i in range(1 << 20))
    for name in ("r.yaml", "lists/a.csv", "keywords/a.txt", "schemas/s.yaml"):
        pack.put(name, junk)


@case
def a_binary_named_yaml(pack):
    """r.yaml FS00"""
    with open(sys.executable, "rb") as file:
        pack.put("r.yaml", file.read(4 << 20))


@case
def one_long_line(pack):
    """r.yaml FS1"""
    pack.put("r.yaml", "rules: " + "a: " * 500_000)


@case
def missing_files(pack):
    """a.yaml FS002
    lists/a.csv FS002"""
    os.symlink("nowhere.yaml", pack.path("a.yaml"))
    os.symlink("nowhere.csv", pack.path("lists/a.csv"))


@case
def folders_named_like_files(pack):
    """r.yaml/pack.yaml FS110"""
    pack.put("r.yaml/pack.yaml", "name: x\n")
    os.makedirs(pack.path("pack.yaml/x"))
    os.makedirs(pack.path("lists/a.csv/x"))


@case
def loop_of_links(pack):
    """b.yaml FS002"""
    os.symlink(".", pack.path("loop"))
    os.makedirs(pack.path("d/x"))
    os.symlink("..", pack.path("d/up"))
    os.symlink("b.yaml", pack.path("b.yaml"))


@case
def a_pipe(pack):
    """p.yaml FS002"""
    os.mkfifo(pack.path("p.yaml"))


@case
def folders_too_deep(pack):
    """FS003"""
    pack.put("d/" * 40 + "a.yaml", "rules: []\n")


@case
def too_many_files(pack):
    """FS003"""
    for i in range(10_002):
        pack.put(f"many/f{i}.yaml", "rules: []\n")


@case
def too_large(pack):
    """lists/a.csv FS003"""
    with open(pack.path("lists/a.csv"), "wb") as file:
        file.truncate((64 << 20) + 1)


@case
def many_faulty_rules(pack):
    """r.yaml FS502"""
    pack.put("r.yaml", rules(*["    when: nope\n"] * 3_000))


@case
def ten_thousand_documents(pack):
    """r.yaml FS107"""
    pack.put("r.yaml", "rules: []\n---\n" * 10_000)


@case
def a_regular_expression_of_repeats(pack):
    """r.yaml FS508"""
    pack.put("r.yaml", rules("    when: outlet.matches('((a{1000}){1000}){1000}')\n"))


@case
def nested_macros(pack):
    """r.yaml FS50"""
    inner = "ok"
    for i in range(200):
        inner = f"[1].all(x{i}, {inner})"
    pack.put("r.yaml", rules(f"    when: \"{inner}\"\n"))


def limits(slow):
    def set_limits():
        resource.setrlimit(resource.RLIMIT_CPU, (int(30 * slow), int(30 * slow)))
        if slow == 1:  # sanitizers reserve address space without end
            resource.setrlimit(resource.RLIMIT_AS, (4 * BYTES_MAX, 4 * BYTES_MAX))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return set_limits


def run(fengsui, root, slow):
    child = subprocess.Popen([fengsui, "rules", "check", root, "--format", "json"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=limits(slow))
    out, errors = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, out, errors, usage


def faults(function, status, out, errors, usage, slow):
    if status != 1:
        return [f"exit status {status}, not 1: {errors.decode(errors='replace')[-500:]}"]
    found = []
    seconds = usage.ru_utime + usage.ru_stime
    if seconds > SECONDS_MAX * slow:
        found.append(f"{seconds:.2f} s of processor time")
    if slow == 1 and usage.ru_maxrss * 1024 > BYTES_MAX:
        found.append(f"{usage.ru_maxrss >> 10} MiB")
    issues = json.loads(out)
    got = [f"{i['file']}:{i['line']} {i['code']}" for i in issues]
    lines = [line.strip() for line in function.__doc__.splitlines() if line.strip()]
    if lines[0] == "exactly":
        errors_got = [g for g, i in zip(got, issues) if i["severity"] == "error"]
        if sorted(lines[1:]) != sorted(errors_got):
            found.append("expected " + "; ".join(lines[1:]) + "\n      got " + "; ".join(got))
        return found
    for line in lines:
        place, _, code = line.rpartition(" ")
        hit = any(i["severity"] == "error" and i["code"].startswith(code) and
                  (place in ("", i["file"], f"{i['file']}:{i['line']}")) for i in issues)
        if not hit:
            found.append(f"{line} is not told; got " + "; ".join(got[:5]))
    if len(issues) > len(set((i["file"], i["line"], i["col"], i["message"]) for i in issues)):
        found.append("a finding is told twice")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fengsui")
    parser.add_argument("--slow", type=float, default=1)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    failed = 0
    for function in CASES:
        name = function.__name__
        if arguments.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory(prefix="fengsui-broken-") as root:
            function(Pack(root))
            result = run(arguments.fengsui, root, arguments.slow)
        seconds = result[3].ru_utime + result[3].ru_stime
        problems = faults(function, *result, arguments.slow)
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok  '} {name} {seconds:.2f} s "
              f"{result[3].ru_maxrss >> 10} MiB")
        for problem in problems:
            print("     ", problem)
    print(f"{len(CASES)} broken packs, {failed} not as they should be")
    if arguments.only is None and len(CASES) < 50:
        sys.exit("fewer than 50 broken packs")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
