#!/usr/bin/env python3
"""The JSON Schemas of a pack's files against packs and against the reader.

  check_json_schema.py FENGSUI SOURCE_FOLDER

Every YAML file of the packs in this repository is valid; a file with a fault of shape is not; every
key that the reader takes is in the schema, and the other way round; what `rules schema` prints is
what stands in rules/json-schema/.
"""
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import ruamel.yaml
import ruamel.yaml.constructor

FENGSUI, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
FOLDER = SOURCE / "rules" / "json-schema"
NAMES = ["defs", "event", "pack", "policy", "rules", "tests"]
KINDS = {"schemas": "event", "defs": "defs", "tests": "tests"}
SKIPPED = {"json-schema", "lists", "keywords"}
faults = []


class Reader(ruamel.yaml.constructor.SafeConstructor):
    """YAML's core schema: a date is text."""


Reader.add_constructor("tag:yaml.org,2002:timestamp", Reader.construct_yaml_str)


def documents(text):
    yaml = ruamel.yaml.YAML(typ="safe", pure=True)
    yaml.Constructor = Reader
    return [document for document in yaml.load_all(text)]


def load(name):
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


VALIDATORS = {name: load(name) for name in NAMES}


def kind_of(path):
    if path.parts[0] in SKIPPED:
        return None
    if len(path.parts) == 1 and path.name in ("pack.yaml", "policy.yaml"):
        return path.stem
    if len(path.parts) == 2 and path.parts[0] in KINDS:
        return KINDS[path.parts[0]]
    return "rules"


def check_packs():
    checked = 0
    packs = [SOURCE / "rules", SOURCE / "bench" / "reference", SOURCE / "tests" / "oracle" / "pack"]
    packs += [folder for folder in sorted((SOURCE / "tests" / "golden").glob("*/pack"))]
    for pack in packs:
        for file in sorted(pack.rglob("*.yaml")):
            kind = kind_of(file.relative_to(pack))
            if kind is None:
                continue
            for document in documents(file.read_text()):
                checked += 1
                for error in VALIDATORS[kind].iter_errors(document):
                    faults.append(f"{file}: {error.json_path}: {error.message}"[:300])
    if checked < 40:
        faults.append(f"{checked} files found, which is too few")
    print(f"{checked} documents of {len(packs)} packs are valid" if not faults else "")


GOOD_RULE = """rules:
  - id: r
    from: t.parcel
    grade: blue
    purpose: { use: u, basis: b, retain: 30d }
"""
BROKEN = [
    ("rules", "rules: none"), ("rules", "rule: []"), ("rules", "rules: [{}]"),
    ("rules", GOOD_RULE + "    wen: ok"), ("rules", GOOD_RULE.replace("id: r", "id: R_1")),
    ("rules", GOOD_RULE.replace("blue", "violet")), ("rules", GOOD_RULE + "    quiet: 1 h"),
    ("rules", GOOD_RULE + "    window: { sliding: 1h, tumbling: 1h }"),
    ("rules", GOOD_RULE + "    window: { slide: 1h }"),
    ("rules", GOOD_RULE + "    window: { hopping: 1h }"),
    ("rules", GOOD_RULE + "    labels: { a: 1 }"), ("rules", GOOD_RULE + "    emit: never"),
    ("rules", GOOD_RULE + "    mode: on"), ("rules", GOOD_RULE + "    by: []"),
    ("rules", GOOD_RULE + "    let: { 1a: count() }"),
    ("rules", GOOD_RULE + "    sequence: { within: 1h, steps: [{ from: a, by: b }] }"),
    ("rules", GOOD_RULE + "    except: [{ when: ok }]"),
    ("rules", GOOD_RULE + "    baseline: { of: n, every: 7d }"),
    ("rules", GOOD_RULE.replace(", retain: 30d", "")),
    ("event", "title: x"), ("event", "event: alert"), ("event", "event: a\nproperties: { x: {} }"),
    ("event", "event: a\nproperties: { x: { type: text } }"),
    ("event", "event: a\nproperties: { x: { type: string, minimum: 1 } }"),
    ("event", "event: a\nproperties: { x: { type: string, maxlength: 1 } }"),
    ("event", "event: a\nproperties: { a.b: { type: string } }"),
    ("event", "event: a\nproperties: { x: { type: string, x-identity: { purpose: [a] } } }"),
    ("defs", "defs: []"), ("defs", "def: {}"), ("defs", "defs: { a-b: ok }"),
    ("pack", "nam: x"), ("pack", "[]"), ("policy", "[]"),
    ("tests", "tests: [{ name: t }]"), ("tests", "tests: [{ name: t, events: [{ at: 0m }] }]"),
    ("tests", "tests: [{ name: t, events: [], expect: [{ kind: open }] }]"),
    ("tests", "tests: [{ name: t, events: [], expect: [{ rule: r, kind: shut }] }]"),
]


def check_broken():
    if not VALIDATORS["rules"].is_valid(documents(GOOD_RULE)[0]):
        faults.append("the rule that the broken ones are made of is not valid")
    for kind, text in BROKEN:
        if VALIDATORS[kind].is_valid(documents(text)[0]):
            faults.append(f"{kind}: this is valid: {text!r}")


def keys_in_reader():
    """The lists of keys in the readers' sources: what is in braces or in a constant's."""
    keys = {}
    for file in (SOURCE / "src" / "rules").glob("*.cc"):
        text = file.read_text()
        constants = dict(re.findall(r"const std::vector<std::string> (k\w+) = \{([^}]*)\}", text))
        call = r'refuse_unknown_keys\(\s*\*?\w+,\s*("[^"]*"|\w+),\s*(\{[^}]*\}|k\w+)'
        for what, given in re.findall(call, text):
            listed = constants.get(given, given)
            keys.setdefault(what.strip('"'), set()).update(re.findall(r'"([^"]+)"', listed))
    windows = (SOURCE / "src" / "rules" / "window_parts.cc").read_text()
    for kind, second in re.findall(r'\{"(\w+)", Kind::\w+, ("\w+"|nullptr)', windows):
        keys["a window"].update({kind, second.strip('"')} - {"nullptr"})
    return keys


def properties(name, *path):
    schema = VALIDATORS[name].schema
    for part in path:
        schema = schema[part]
        while "$ref" in schema:
            schema = VALIDATORS[name].schema["$defs"][schema["$ref"].split("/")[-1]]
    return set(schema["properties"])


def window_keys():
    kinds = VALIDATORS["rules"].schema["$defs"]["rule"]["properties"]["window"]["oneOf"]
    return set().union(*(kind["properties"] for kind in kinds))


def check_keys():
    rule = ("$defs", "rule", "properties")
    wanted = {
        "pack.yaml": properties("pack"),
        "a rule file": properties("rules"),
        "a rule": properties("rules", "$defs", "rule"),
        "`purpose`": properties("rules", *rule, "purpose"),
        "`baseline`": properties("rules", *rule, "baseline"),
        "`sequence`": properties("rules", *rule, "sequence"),
        "a step": properties("rules", *rule, "sequence", "properties", "steps", "items"),
        "an exception": properties("rules", *rule, "except", "items"),
        "a window": window_keys(),
        "a schema": properties("event"),
        "what": properties("event", "$defs", "field"),
        "`x-identity`": {"purposes"},
        "a file of tests": properties("tests"),
        "a test": properties("tests", "properties", "tests", "items"),
        "an event of a test":
            properties("tests", "properties", "tests", "items", "properties", "events", "items"),
        "an expected record":
            properties("tests", "properties", "tests", "items", "properties", "expect", "items"),
    }
    known = keys_in_reader()
    for what, keys in wanted.items():
        if what not in known:
            faults.append(f"no list of the keys of {what} in the reader; there are {sorted(known)}")
        elif known[what] != keys:
            faults.append(f"{what}: the reader has {sorted(known[what] - keys)} more, "
                          f"the schema {sorted(keys - known[what])}")


def check_command():
    def run(*arguments):
        return subprocess.run([FENGSUI, "rules", "schema", *arguments], capture_output=True)
    if run().stdout.decode().split() != NAMES:
        faults.append("`rules schema` lists other names")
    for name in NAMES:
        if run(name).stdout != (FOLDER / f"{name}.schema.json").read_bytes():
            faults.append(f"`rules schema {name}` prints something else")
    if run("rule").returncode != 2 or b"did you mean" not in run("rule").stderr:
        faults.append("`rules schema rule` is wrong usage, with the nearest name")


check_packs()
check_broken()
check_keys()
check_command()
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
