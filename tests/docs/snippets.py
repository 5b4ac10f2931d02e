"""Pieces of packs and CEL in the documentation: completed to a pack, checked by fengsui itself."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

# What the default pack lends to a piece: not its rules, whose ids the documentation uses.
LENT = ["schemas", "lists", "keywords", "defs", "pack.yaml"]
# First key of a whole file: where such a file stands.
FILES = {"rules": "snippet.yaml", "defs": "defs/snippet.yaml", "tests": "tests/snippet.yaml",
         "event": "schemas/snippet.yaml"}
# What a piece of a rule needs to be one, if it has none of these keys.
COMPLETION = {
    "id": "id: snippet",
    "from": "from: {event_type}",
    "grade": "grade: blue",
    "purpose": "purpose: { id: dangerous_goods, use: 例, basis: 例, retain: 90d }",
}


def indented(text, by):
    return "".join(" " * by + line if line.strip() else line
                   for line in text.splitlines(keepends=True))


def completed(piece, event_type):
    """Keys of one rule, at the margin or indented, to a file of rules."""
    margin = min(len(line) - len(line.lstrip()) for line in piece.splitlines() if line.strip())
    piece = "".join(line[margin:] if line.strip() else line
                    for line in piece.splitlines(keepends=True))
    if piece.startswith("- "):
        return "rules:\n" + indented(piece, 2)
    keys = set(re.findall(r"^(\w+):", piece, re.MULTILINE))
    if "sequence" in keys:
        keys.add("from")
    added = [line.replace("{event_type}", event_type) for key, line in COMPLETION.items()
             if key not in keys]
    return "rules:\n  -\n" + indented("".join(line + "\n" for line in added) + piece, 4)


def file_of(piece, event_type):
    """(path in a pack, content)"""
    key = re.match(r"(?:\s*#.*\n)*(\w+):", piece)
    if key and key[1] in FILES and not piece.startswith(" "):
        return FILES[key[1]], piece
    return FILES["rules"], completed(piece, event_type)


def check_pack(binary, root, path, content):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in LENT:
            source = root / "rules" / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, folder / part)
        target = folder / path
        target.write_text(content, encoding="utf-8")
        done = subprocess.run([binary, "rules", "check", folder], capture_output=True, check=False)
        if done.returncode == 0:
            return None
        return done.stdout.decode() + done.stderr.decode() + content


def rule_with(expression, event_type):
    return completed(f"let:\n  value: {json.dumps(expression)}\n", event_type)


def fault_of_line(binary, root, line):
    expression, _, wanted = (part.strip() for part in line.rpartition("//"))
    if re.fullmatch(r"[a-z]+\.[a-z]+", wanted):
        return check_pack(binary, root, FILES["rules"], rule_with(expression, wanted))
    done = subprocess.run([binary, "eval", expression], capture_output=True, check=False)
    printed = done.stdout.decode().strip()
    if wanted == "error":
        return None if done.returncode else f"{expression}: {printed}, not an error"
    if done.returncode:
        return f"{expression}: {done.stderr.decode()}"
    same = json.loads(printed) == json.loads(wanted)
    return None if same else f"{expression}: {printed}, not {wanted}"


def fault_of(binary, root, block):
    """What is wrong with a block, or None."""
    if block.language == "yaml":
        event_type = block.attributes.get("from", "courier.parcel")
        return check_pack(binary, root, *file_of(block.text, event_type))
    faults = [fault_of_line(binary, root, line) for line in block.lines if line.strip()]
    return "\n".join(fault for fault in faults if fault) or None
