#!/usr/bin/env python3
"""The house rules that a machine can check (src/README.md, "Habits").

  check.py ROOT          prints every breach as file:line: rule: what; exit 1 if there is one
  check.py --self-test   feeds each check a breach and a clean text
"""
import re
import subprocess
import sys

FOLDERS = ["base", "cel", "event", "rules", "match", "window", "state", "alert", "board",
           "dispatch", "archive", "source", "pipeline", "author", "server", "cli"]
FILE_LINES_MAX = 500
HEADER_LINES_MAX = 150
FUNCTION_LINES_MAX = 70
TABLE_LINES_MAX = 100  # of a test case with its table
COLUMNS_MAX = 100
# A contract of many small pieces may be longer than a header should be; each has its reason.
LONG_HEADERS = {}

CLOCKS = re.compile(r"system_clock::now|steady_clock::now|gettimeofday|clock_gettime|std::time\(")
PROMISES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SLEEPS = re.compile(r"sleep_for|sleep_until|\busleep\b|\bnanosleep\b|time\.sleep\(")
DRAWERS = re.compile(r"(^|[_/-])(utils?|helpers?|common|manager|misc)([_.-]|$)")
INCLUDE = re.compile(r'^\s*#include "([a-z]+)/')
CONTROL = re.compile(r"^\s*(if|for|while|switch|catch|else|do|try|namespace|class|struct|enum|"
                     r"union|extern)\b")


def include_directions(path, lines):
    match = re.match(r"src/([a-z]+)/", path)
    if not match or match.group(1) not in FOLDERS:
        return
    own = FOLDERS.index(match.group(1))
    for number, line in enumerate(lines, 1):
        included = INCLUDE.match(line)
        if included and included.group(1) in FOLDERS and FOLDERS.index(included.group(1)) > own:
            yield number, f"{match.group(1)} may not include {included.group(1)}"


def wall_clock(path, lines):
    if not path.startswith(("src/", "include/")) or path.startswith("src/base/clock"):
        return
    for number, line in enumerate(lines, 1):
        if CLOCKS.search(line):
            yield number, "only base/clock reads the machine's clock"


def lengths(path, lines):
    limit = FILE_LINES_MAX
    if path.endswith(".h") and path.startswith(("src/", "include/")):
        limit = LONG_HEADERS.get(path, HEADER_LINES_MAX)
    if len(lines) > limit:
        yield len(lines), f"{len(lines)} lines, {limit} are allowed"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX and 'R"(' not in line:
            yield number, f"{len(line)} columns, {COLUMNS_MAX} are allowed"


def function_lengths(path, lines):
    """By braces: clang-format keeps every function's closing brace on a line of its own."""
    if not path.endswith((".cc", ".h")):
        return
    limit = TABLE_LINES_MAX if path.startswith("tests/") else FUNCTION_LINES_MAX
    depth, head, functions = 0, "", []
    for number, raw in enumerate(lines, 1):
        line = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])\'', '""', raw)
        line = re.sub(r"//.*", "", line)
        for character in line:
            if character == "{":
                is_function = (not functions and ")" in head and not CONTROL.match(head)
                               and "=" not in head.split("(")[0])
                if is_function:
                    functions.append((depth, number))
                depth += 1
                head = ""
            elif character == "}":
                depth -= 1
                head = ""
                if functions and functions[-1][0] == depth:
                    _, start = functions.pop()
                    if number - start - 1 > limit:
                        yield start, f"function of {number - start - 1} lines, {limit} are allowed"
            elif character == ";":
                head = ""
            else:
                head += character
        head += " "


def promises(path, lines):
    if path.startswith("tests/tidy/"):
        return
    for number, line in enumerate(lines, 1):
        if PROMISES.search(line):
            yield number, "a promise of work: finish it or write it down elsewhere"


def sleeping_tests(path, lines):
    # The acceptance tests pace and watch real processes from outside; what they check waits for no
    # pause to be long enough.
    if not path.startswith("tests/") or path.startswith(("tests/tidy/", "tests/acceptance/")):
        return
    for number, line in enumerate(lines, 1):
        if SLEEPS.search(line):
            yield number, "tests do not sleep"


def names(path, lines):
    del lines
    if DRAWERS.search(path):
        yield 1, "a drawer's name: say what the file is about"


def tracked_outputs(path, lines):
    del lines
    if re.search(r"(^|/)(build|node_modules|__pycache__)/|\.(o|a|so|pyc|gcda)$", path):
        yield 1, "build output in git"


CHECKS = [include_directions, wall_clock, lengths, function_lengths, promises, sleeping_tests,
          names, tracked_outputs]
CODE = (".cc", ".h", ".py", ".sh", ".cmake", ".txt", ".js", ".html", ".css")


def breaches(path, text):
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    for check in CHECKS:
        for number, what in check(path, lines):
            yield f"{path}:{number}: {check.__name__}: {what}"


def self_test():
    long_function = "int f() {\n" + "  g();\n" * 71 + "}\n"
    cases = [
        ("src/event/a.cc", '#include "rules/pack.h"\n', "include_directions"),
        ("src/rules/a.cc", '#include "event/event.h"\n', None),
        ("src/alert/a.cc", "auto t = std::chrono::system_clock::now();\n", "wall_clock"),
        ("src/base/clock.cc", "auto t = std::chrono::system_clock::now();\n", None),
        ("src/alert/a.cc", "// x\n" * 501, "lengths"),
        ("src/alert/a.h", "// x\n" * 151, "lengths"),
        ("src/alert/a.cc", "// " + "x" * 100 + "\n", "lengths"),
        ("src/alert/a.cc", long_function, "function_lengths"),
        ("src/alert/a.cc", "class A {\n" + "  int f() { return 1; }\n" * 80 + "};\n", None),
        ("src/alert/a.cc", "// TO" + "DO: later\n", "promises"),
        ("tests/a.cc", "std::this_thread::sleep_" + "for(1s);\n", "sleeping_tests"),
        ("src/base/string_utils.h", "\n", "names"),
        ("build/x.o", "\n", "tracked_outputs"),
    ]
    failed = 0
    for path, text, rule in cases:
        found = [b for b in breaches(path, text)]
        good = not found if rule is None else any(f": {rule}: " in b for b in found)
        if not good:
            failed += 1
            print(f"self-test: {path}: wanted {rule}, got {found}")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = sys.argv[1]
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True)
    count = 0
    for path in filter(None, listed.stdout.decode().split("\0")):
        if path.endswith(CODE) and not path.startswith(("tests/fuzz/seeds/", "tests/golden/")):
            try:
                with open(f"{root}/{path}", encoding="utf-8") as file:
                    text = file.read()
            except (FileNotFoundError, UnicodeDecodeError):
                continue
        else:
            text = ""
        for breach in breaches(path, text):
            count += 1
            print(breach)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
