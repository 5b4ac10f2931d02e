"""Loads a rule pack that is taken to be without fault (the linter's work is not repeated here)."""
import copy
import csv
import io
import pathlib

from ruamel.yaml import YAML, SafeConstructor

import celenv
import rule as rules
import schema as schemas
import time_text

RESERVED = {"pack.yaml", "schemas", "lists", "keywords", "defs", "areas.csv", "policy.yaml",
            "tests"}
# "`from: alert` takes the engine's own open and raise records as events"
ALERT_SCHEMA = {"event": "alert", "properties": {
    "rule": {"type": "string"}, "grade": {"type": "string"}, "kind": {"type": "string"},
    "area": {"type": "string", "x-area": True}, "department": {"type": "string"},
    "group": {"type": "object"}}}
# YAML 1.2 has no dates: `until: 2026-03-01` is text.
SafeConstructor.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


class Pack:
    def __init__(self, folder):
        root = pathlib.Path(folder)
        head = load_yaml(root / "pack.yaml") if (root / "pack.yaml").exists() else {}
        # "in the pack's timezone (default Asia/Shanghai, UTC+8)"
        self.timezone = (head or {}).get("timezone", "Asia/Shanghai")
        self.zone_origin = time_text.zone_origin(self.timezone)
        self.schemas = load_schemas(root)
        # "A tripwire, in a pack with an x-identity field or a policy.yaml, and in no other"
        self.sealed = any(schemas.has_identity(s) for s in self.schemas.values())
        self.tripwire = self.sealed or (root / "policy.yaml").exists()
        self.env = celenv.Env(load_lists(root), load_keywords(root), load_parents(root))
        self.defs = load_defs(root)
        self.rules = self.read_rules(load_rules(root))

    def read_rules(self, specs):
        return sorted((rules.Rule(self, spec) for spec in specs), key=lambda rule: rule.id)

    def with_rules(self, specs):
        """The same pack with other rules, given as their YAML reads."""
        other = copy.copy(self)
        other.rules = other.read_rules(specs)
        return other

    def schema_of(self, event_type):
        return ALERT_SCHEMA if event_type == "alert" else self.schemas[event_type]


def load_rules(root):
    for path in sorted(root.rglob("*.yaml")):
        if path.relative_to(root).parts[0] not in RESERVED:
            yield from load_yaml(path)["rules"] or []


def load_defs(root):
    """name -> condition, of all files."""
    found = {}
    for path in sorted((root / "defs").glob("*.yaml")):
        found.update((name, str(text)) for name, text in load_yaml(path)["defs"].items())
    return found


def load_yaml(path):
    """YAML 1.2: `yes`, `no`, `on`, `off` are strings."""
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def load_schemas(root):
    found = {}
    for path in sorted((root / "schemas").glob("*.yaml")):
        for schema in YAML(typ="safe", pure=True).load_all(path.read_text("utf-8")):
            found[schema["event"]] = schema
    return found


def load_csv(path):
    """RFC 4180, with or without a BOM; blank lines do not count."""
    text = path.read_bytes().decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]


def load_lists(root):
    """name -> key -> attribute -> string; the key is the first column."""
    lists = {}
    for path in sorted((root / "lists").glob("*.csv")):
        header, *rows = load_csv(path)
        lists[path.stem] = {row[0]: dict(zip(header[1:], row[1:])) for row in rows}
    return lists


def load_keywords(root):
    """Blank lines, spaces around a keyword and lines that begin with # do not count."""
    keywords = {}
    for path in sorted((root / "keywords").glob("*.txt")):
        lines = [line.strip() for line in path.read_text("utf-8-sig").split("\n")]
        keywords[path.stem] = [line for line in lines if line and not line.startswith("#")]
    return keywords


def load_parents(root):
    """code -> parent's code, or None where the pack has no area table."""
    if not (root / "areas.csv").exists():
        return None
    header, *rows = load_csv(root / "areas.csv")
    code, parent = header.index("code"), header.index("parent")
    return {row[code]: row[parent] for row in rows}
