"""Loads a rule pack that is taken to be without fault (the linter's work is not repeated here)."""
import csv
import io
import pathlib

from ruamel.yaml import YAML

import celenv
import celtext
import schema as schemas
import timeutil

RESERVED = {"pack.yaml", "schemas", "lists", "keywords", "defs", "areas.csv", "policy.yaml",
            "tests"}
GRADES = ["blue", "yellow", "orange", "red"]
AGGREGATES = {"count", "distinct", "sum", "avg", "min", "max", "first", "last"}
HOUR = 3_600_000


class Source:
    """What a rule asks of the events of one type: `when`, and the values of `by`."""

    def __init__(self, when, by):
        self.when, self.by = when, by


class Aggregate:
    def __init__(self, name, arg, where, zero):
        self.name, self.arg, self.where, self.zero = name, arg, where, zero


class Rule:
    pass


class Pack:
    def __init__(self, folder):
        root = pathlib.Path(folder)
        head = load_yaml(root / "pack.yaml") if (root / "pack.yaml").exists() else {}
        # "in the pack's timezone (default Asia/Shanghai, UTC+8)"
        self.zone_origin = timeutil.zone_origin((head or {}).get("timezone", "Asia/Shanghai"))
        self.schemas = load_schemas(root)
        # "A tripwire, in a pack with an x-identity field or a policy.yaml, and in no other"
        self.sealed = any(schemas.has_identity(s) for s in self.schemas.values())
        self.tripwire = self.sealed or (root / "policy.yaml").exists()
        self.env = celenv.Env(load_lists(root), load_keywords(root), load_parents(root))
        self.rules = sorted(self.load_rules(root), key=lambda rule: rule.id)

    def load_rules(self, root):
        for path in sorted(root.rglob("*.yaml")):
            if path.relative_to(root).parts[0] not in RESERVED:
                for spec in load_yaml(path)["rules"]:
                    yield self.load_rule(spec)

    def load_rule(self, spec):
        rule = Rule()
        rule.id, rule.mode = spec["id"], spec.get("mode", "live")
        rule.labels, rule.purpose = spec.get("labels") or {}, spec["purpose"].get("id")
        self.load_sources(rule, spec)
        scope = schemas.Scope(self.schemas[name] for name in rule.sources)
        rule.window = load_window(spec.get("window"))
        rule.lets, names = [], []
        for name, text in (spec.get("let") or {}).items():
            rule.lets.append((name, self.load_let(str(text), scope, names)))
            names.append(name)
        rule.grade = self.load_grade(spec["grade"], scope, names)
        rule.message = None
        if "message" in spec:
            rule.message = [self.load_part(kind, text, scope, names)
                            for kind, text in celtext.split_template(spec["message"])]
        rule.quiet = self.load_quiet(rule, spec)
        return rule

    def load_sources(self, rule, spec):
        """`from`: a type, a list of them, or a map from type to {when, by}."""
        types = spec["from"]
        if isinstance(types, str):
            types = [types]
        if isinstance(types, list):
            types = {name: {} for name in types}
        # A field is known if one of the rule's types declares it; what a type does not have is
        # missing there.
        scope = schemas.Scope(self.schemas[name] for name in types)
        rule.sources, rule.group_names = {}, None
        for name, own in types.items():
            own = own or {}
            when = own.get("when", spec.get("when"))  # "one left out: the rule's own"
            names, exprs = self.load_by(own.get("by", spec.get("by")), scope)
            if rule.group_names is None:  # "the group's names are those of the first type"
                rule.group_names = names
            condition = None if when is None else celenv.Expr(self.env, str(when), scope)
            rule.sources[name] = Source(condition, exprs)
        rule.grouped = bool(rule.group_names)

    def load_by(self, by, scope):
        """`by`: a field, a list of fields, or a map from name to CEL."""
        if by is None:
            return [], []
        if isinstance(by, str):
            by = [by]
        if isinstance(by, list):
            by = {path: path for path in by}
        return list(by), [celenv.Expr(self.env, str(text), scope) for text in by.values()]

    def load_let(self, text, scope, names):
        """An aggregate alone, or CEL over the names above and the newest event's fields."""
        node = celtext.parse(text)
        if node.kind != "call" or node.text not in AGGREGATES:
            return celenv.Expr(self.env, text, scope, names)
        # "Aggregates' arguments see the event alone": no let names in their scope.
        args = [celenv.Expr(self.env, text[kid.start:kid.end], scope) for kid in node.kids]
        arg = args.pop(0) if node.text != "count" else None
        where = args.pop(0) if args else None
        is_double = arg is not None and node.text == "sum" and is_double_kind(arg, scope)
        return Aggregate(node.text, arg, where, 0.0 if is_double else 0)

    def load_grade(self, spec, scope, names):
        """Either one grade, or a map from grade to a CEL bool; highest first."""
        if isinstance(spec, str):
            return [(spec, None)]
        return [(grade, celenv.Expr(self.env, str(spec[grade]), scope, names))
                for grade in reversed(GRADES) if grade in spec]

    def load_part(self, kind, text, scope, names):
        """A part of a message: its text, and its expression if it is one."""
        expr = celenv.Expr(self.env, text, scope, names) if kind == "cel" else None
        return kind, text, expr

    def load_quiet(self, rule, spec):
        """Default: the window's length; 1 h with `by` and no window; 0 without `by`."""
        if "quiet" in spec:
            return timeutil.parse_duration(spec["quiet"])
        if not rule.grouped:
            return 0
        return rule.window[1] if rule.window else HOUR


def is_double_kind(expr, scope):
    """Whether `sum` over no events is 0.0: its argument is a double field or has a float in it."""
    fields = [p for p in scope.doubles if expr.source.strip() == p]
    return bool(fields) or any(token.kind == "float" for token in celtext.tokens_of(expr.source))


def load_window(spec):
    if spec is None:
        return None
    (kind, length), = spec.items()
    if kind not in ("sliding", "tumbling"):
        raise ValueError(f"window {kind} is not in this issue")
    return kind, timeutil.parse_duration(length)


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
