"""One rule of a pack, read: rules.md from "A rule" to "Baseline"."""
import aggregates
import celenv
import celtext
import schema as schemas
import time_text

GRADES = ["blue", "yellow", "orange", "red"]
HOUR = 3_600_000
FOREVER = float("inf")


class Source:
    """What a rule asks of the events of one type: `when`, the values of `by`, and `seen_by`:
    (place in the group, expression) of each name."""

    def __init__(self, when, by, seen_by):
        self.when, self.by, self.seen_by = when, by, seen_by


class Step:
    """A step of a sequence; `source` has its `when` and `by`."""

    def __init__(self, event_type, source, name, times, absent):
        self.type, self.source, self.name = event_type, source, name
        self.times, self.absent = times, absent


class Window:
    """`length` is W, a session's gap, or how far a count window reaches back."""

    def __init__(self, kind, length, every=None, longest=FOREVER, number=None, within=None):
        self.kind, self.length, self.every = kind, length, every
        self.longest, self.number, self.within = longest, number, within


class Baseline:
    def __init__(self, of, every, keep):
        self.of, self.every, self.keep = of, every, keep


class Exclusion:
    """An entry of `except`, in force for events of a time before `until`."""

    def __init__(self, name, when, until):
        self.name, self.when, self.until = name, when, until


class Rule:
    def __init__(self, pack, spec):
        self.pack = pack
        self.id, self.mode = spec["id"], spec.get("mode", "live")
        self.labels, self.purpose = spec.get("labels") or {}, spec["purpose"].get("id")
        self.retain = time_text.parse_duration(spec["purpose"]["retain"])
        self.window, self.baseline, self.steps = None, None, None
        self.emit = spec.get("emit", "event")
        names = []
        if "sequence" in spec:
            self.load_steps(spec["sequence"])
            names = [step.name for step in self.steps if step.name and not step.absent]
        else:
            self.load_sources(spec)
            self.window = load_window(spec.get("window"), self.retain)
        if "baseline" in spec:
            self.baseline = load_baseline(spec["baseline"])
            names = ["baseline"]
        self.over_alerts = "alert" in self.types
        self.identity_names = self.names_of_identities()
        self.excepts = [self.load_except(entry) for entry in spec.get("except") or []]
        self.load_outcome(spec, names)
        self.quiet = self.load_quiet(spec)

    def expr(self, text, names=()):
        return celenv.Expr(self.pack.env, cel_text(text), self.scope, names)

    # What counts ------------------------------------------------------------------------------

    def load_sources(self, spec):
        """`from`: a type, a list of them, or a map from type to {when, by}."""
        types = spec["from"]
        types = [types] if isinstance(types, str) else types
        if isinstance(types, list):
            types = {name: {} for name in types}
        # A field is known if one of the rule's types declares it; what a type does not have is
        # missing there.
        self.types = list(types)
        self.scope = self.scope_of(self.types)
        self.sources, self.group_names = {}, None
        for name, own in types.items():
            # "one left out: the rule's own"
            when, by, seen_by = ((own or {}).get(key, spec.get(key))
                                 for key in ("when", "by", "seen_by"))
            names = list(by_map(by))
            if self.group_names is None:  # "the group's names are those of the first type"
                self.group_names = names
            self.sources[name] = self.source_of(when, by, seen_by)
        self.grouped = bool(self.group_names)

    def source_of(self, when, by, seen_by=None, names=()):
        by = by_map(by)
        places = list(by)
        return Source(None if when is None else self.expr(when, names),
                      [self.expr(text) for text in by.values()],
                      [(places.index(name), self.expr(text))
                       for name, text in (seen_by or {}).items()])

    def load_steps(self, spec):
        self.within = time_text.parse_duration(spec["within"])
        self.types = [step["from"] for step in spec["steps"]]
        self.steps, names, named = [], [], {}
        for step in spec["steps"]:
            # A step's `when` and `by` see its own event, and `when` the named steps before it.
            self.scope = self.scope_of([step["from"]], named)
            source = self.source_of(step.get("when"), step["by"], None, names)
            self.steps.append(Step(step["from"], source, step.get("as"),
                                   int(step.get("times", 1)), step.get("absent", False)))
            if step.get("as") and not step.get("absent"):
                names = names + [step["as"]]
                named = {**named, step["as"]: self.pack.schema_of(step["from"])}
        self.scope = self.scope_of(self.types, named)
        self.group_names = list(by_map(spec["steps"][0]["by"]))
        self.grouped = True

    def scope_of(self, types, named=None):
        return schemas.Scope([self.pack.schema_of(name) for name in types], self.pack.defs, named)

    def load_except(self, entry):
        until = FOREVER
        if "until" in entry:
            until = time_text.parse_until(str(entry["until"]), self.pack.timezone)
        return Exclusion(entry["name"], self.expr(entry["when"]), until)

    def names_of_identities(self):
        """The group's names whose values are made of identity fields, in some type."""
        fields = {path.split(".")[0] for name in self.types
                  for path, field in schemas.paths_of(self.pack.schema_of(name))
                  if field.get("x-identity")}
        sources = [step.source for step in self.steps or []] or list(self.sources.values())
        return {name for source in sources for name, expr in zip(self.group_names, source.by)
                if fields & {token.text for token in celtext.tokens_of(expr.rewrite.text)}}

    # What comes of it -------------------------------------------------------------------------

    def load_outcome(self, spec, names):
        """`let`, grade and message: each let's name is known to what comes after it."""
        self.lets, names = [], list(names)
        for name, text in (spec.get("let") or {}).items():
            self.lets.append((name, self.load_let(cel_text(text), names)))
            names.append(name)
        grade = spec["grade"]  # "either one grade, or a map from grade to a CEL bool"
        if isinstance(grade, str):
            self.grade = [(grade, None)]
        else:
            self.grade = [(name, self.expr(grade[name], names))
                          for name in reversed(GRADES) if name in grade]
        self.message = None
        if "message" in spec:
            self.message = [(kind, text, self.expr(text, names) if kind == "cel" else None)
                            for kind, text in celtext.split_template(spec["message"])]

    def load_let(self, text, names):
        """An aggregate alone, or CEL over the names above and the newest event's fields."""
        node = celtext.parse(text)
        if node.kind != "call" or node.text not in aggregates.NAMES:
            return self.expr(text, names)
        # "Aggregates' arguments see the event alone": no let names in their scope.
        parts = [text[kid.start:kid.end] for kid in node.kids]
        wanted = {"count": 0, "speed": 2}.get(node.text, 1)
        number = parts.pop(wanted) if node.text in ("percentile", "top", "speed") else None
        args = [self.expr(part) for part in parts]
        zero = 0.0 if node.text == "sum" and self.is_double(args[0]) else 0
        where = args[wanted] if len(args) > wanted else None
        return aggregates.Aggregate(node.text, args[:wanted], number, where, zero)

    def is_double(self, expr):
        """Whether `sum` over no events is 0.0: a double field, or an expression with a float."""
        return expr.source.strip() in self.scope.doubles or any(
            token.kind == "float" for token in celtext.tokens_of(expr.source))

    def load_quiet(self, spec):
        """Default: the window's length, the session's gap, the sequence's within; and so on."""
        if "quiet" in spec:
            return time_text.parse_duration(spec["quiet"])
        if not self.grouped:  # "0 for any rule without `by`"
            return 0
        if self.steps:
            return self.within
        if self.window is None or (self.window.kind == "count" and self.window.within is None):
            return HOUR
        return self.window.length


def by_map(by):
    """`by`: a field, a list of fields, or a map from name to CEL."""
    if by is None:
        return {}
    by = [by] if isinstance(by, str) else by
    return {path: path for path in by} if isinstance(by, list) else dict(by)


def cel_text(value):
    """CEL as it stood in the YAML, where YAML took it for a bool."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def load_window(spec, retain):
    if spec is None:
        return None
    duration = {key: time_text.parse_duration(value)
                for key, value in spec.items() if key != "count"}
    if "count" in spec:  # "`within` may be left out: then it is the rule's `retain`"
        within = duration.get("within")
        return Window("count", retain if within is None else within,
                      number=int(spec["count"]), within=within)
    if "session" in spec:
        return Window("session", duration["session"], longest=duration.get("max", FOREVER))
    kind = next(kind for kind in ("sliding", "tumbling", "hopping") if kind in spec)
    return Window(kind, duration[kind], every=duration.get("every"))


def load_baseline(spec):
    return Baseline(spec["of"], time_text.parse_duration(spec["every"]), int(spec["keep"]))
