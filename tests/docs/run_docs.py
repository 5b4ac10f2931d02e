#!/usr/bin/env python3
"""Every example of the documentation, run as its reader would.

  run_docs.py --fengsui BIN --root SOURCE_ROOT [--show] [DOCUMENT…]

With --show it prints what each block printed, to be put into the document.

Of a document, in its order, with one shell and one scratch folder for all of it:

  ```yaml file=pack/r.yaml    any language: the block is written to that file
  ```bash                     is run; must leave with 0, or with N: ```bash exit=N
  ```text                     after a bash block: what it printed, standard error too. `…` in a line
                              stands for any text, alone on a line for any lines
  ```yaml                     without a file: part of a pack, put into a copy of the default one as
                              the file that it can only be, or completed to a rule; `rules check`
                              must find no error. `from=TYPE` names the events of a piece of a rule
  ```cel                      expressions, one a line; `expression  // value` is what `fengsui eval`
                              prints, without a value a rule of the default pack must take it

`fengsui` is on the PATH, `rules` is the default pack, and port 8600 stands for a free one. What
EXCLUDED names is not run, for the reason that stands there.
"""
import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import snippets

DOCUMENTS = ["rules/README.md", "README.md", "src/rules/README.md"]
DOCUMENTED_PORT = "8600"
# (document, beginning of a line of a bash block): why it is not run.
EXCLUDED = {
    ("README.md", "bash deploy/quickstart.sh"): "installs packages and builds; CI runs it whole",
    ("README.md", "bash tests/run.sh"): "runs all tests, this one among them",
    ("README.md", "curl -d @event.json"): "posts the reader's own event; rules/README.md posts two",
}
FENCE = re.compile(r"^```(\w+)?[ ]*(.*)$")


class Failure(Exception):
    pass


class Block:
    def __init__(self, place, language, attributes):
        self.place, self.language = place, language
        self.attributes = dict(word.split("=", 1) for word in attributes.split() if "=" in word)
        self.lines = []

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)


def blocks_of(document, name):
    """The fenced blocks at the left margin, in order."""
    blocks, open_block = [], None
    for number, line in enumerate(document.splitlines(), 1):
        fence = FENCE.match(line)
        if open_block is None:
            if fence:
                open_block = Block(f"{name}:{number}", fence[1] or "", fence[2])
        elif line == "```":
            blocks.append(open_block)
            open_block = None
        else:
            open_block.lines.append(line)
    if open_block is not None:
        raise Failure(f"{open_block.place}: this block has no end")
    return blocks


def matches(shown, printed):
    """Whether the shown lines, with their `…`, are the printed ones."""
    pattern = []
    for line in shown:
        if line.strip() == "…":
            pattern.append(r"(?:.*\n)*?")
        else:
            pattern.append(".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n")
    text = printed if printed.endswith("\n") or not printed else printed + "\n"
    return re.fullmatch("".join(pattern), text) is not None


class Shell:
    """One bash for a document, as in its reader's terminal: `$!` and `cd` carry over."""

    END = "===== end of block"

    def __init__(self, folder, environment):
        self.folder, self.count = folder, 0
        self.bash = subprocess.Popen(  # pylint: disable=consider-using-with
            ["bash", "--noprofile", "--norc"], cwd=folder / "work", env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, text=True, encoding="utf-8")

    def run(self, text):
        """(exit status, all that was printed)"""
        self.count += 1
        script = self.folder / f"block{self.count}.sh"
        script.write_text(text, encoding="utf-8")
        end = f"{self.END} {self.count}"
        self.bash.stdin.write(f". {script} < /dev/null\nprintf '\\n%s %d\\n' '{end}' $?\n")
        self.bash.stdin.flush()
        printed = []
        for line in self.bash.stdout:
            if line.startswith(end):
                # The line feed before the mark is the runner's own.
                return int(line.split()[-1]), "".join(printed)[:-1]
            printed.append(line)
        raise Failure("the shell has left: " + "".join(printed))

    def close(self):
        """The shell and whatever a block has left running."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.bash.pid, signal.SIGKILL)
        self.bash.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Document:
    def __init__(self, args, name, folder):
        self.binary, self.root = args.fengsui.resolve(), args.root.resolve()
        self.name, self.folder, self.show = name, folder, args.show
        self.work = folder / "work"
        self.port = free_port()
        self.counts = {"commands": 0, "files": 0, "snippets": 0, "excluded": 0}
        programs = folder / "bin"
        programs.mkdir()
        self.work.mkdir()
        (programs / "fengsui").symlink_to(self.binary)
        shutil.copytree(self.root / "rules", self.work / "rules")
        environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}", LC_ALL="C.UTF-8")
        self.shell = Shell(folder, environment)

    def run(self):
        blocks = blocks_of((self.root / self.name).read_text("utf-8"), self.name)
        try:
            for block, after in zip(blocks, blocks[1:] + [None]):
                self.run_block(block, after)
        finally:
            self.shell.close()

    def run_block(self, block, after):
        if "file" in block.attributes:
            self.counts["files"] += 1
            path = self.work / block.attributes["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.with_port(block.text), encoding="utf-8")
        elif block.language == "bash":
            self.run_commands(block, after)
        elif block.language in ("yaml", "cel"):
            self.counts["snippets"] += 1
            fault = snippets.fault_of(self.binary, self.root, block)
            if fault:
                raise Failure(f"{block.place}: {fault}")

    def with_port(self, text):
        return text.replace(DOCUMENTED_PORT, self.port)

    def is_excluded(self, line):
        return any(self.name == name and line.startswith(start) for name, start in EXCLUDED)

    def run_commands(self, block, after):
        lines = [line for line in block.lines if not self.is_excluded(line)]
        self.counts["excluded"] += len(block.lines) - len(lines)
        if not lines:
            return
        self.counts["commands"] += 1
        status, printed = self.shell.run(self.with_port("\n".join(lines) + "\n"))
        printed = printed.replace(self.port, DOCUMENTED_PORT)
        if self.show:
            print(f"--- {block.place}\n{printed}", flush=True)
        wanted = int(block.attributes.get("exit", "0"))
        if status != wanted:
            raise Failure(f"{block.place}: exit status {status}, not {wanted}:\n{printed}")
        if after is not None and after.language == "text" and "file" not in after.attributes:
            if not matches(after.lines, printed):
                raise Failure(f"{after.place}: shown:\n{after.text}\nprinted:\n{printed}")


def self_check():
    """The runner itself: what it must take and what it must refuse."""
    assert matches(["a", "…", "z"], "a\nb\nc\nz\n") and matches(["a", "…"], "a\n")
    assert matches(["a … z"], "a b z\n") and not matches(["a … z"], "a b\n")
    assert not matches(["a"], "a\nb\n") and not matches(["a"], "") and matches([], "")
    good = blocks_of("x\n```yaml file=a/b.yaml\nk: v\n```\n```bash exit=1\nfalse\n```\n", "d")
    assert [block.language for block in good] == ["yaml", "bash"]
    assert good[0].attributes == {"file": "a/b.yaml"} and good[1].attributes == {"exit": "1"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("documents", nargs="*", default=DOCUMENTS)
    args = parser.parse_args()
    self_check()
    failed = 0
    for name in args.documents:
        with tempfile.TemporaryDirectory() as folder:
            document = Document(args, name, pathlib.Path(folder))
            try:
                document.run()
                print(f"ok: {name}: {document.counts}", flush=True)
            except Failure as failure:
                failed += 1
                print(f"FAILED: {failure}", flush=True)
    for (name, line), reason in EXCLUDED.items():
        print(f"not run: {name}: {line}: {reason}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
