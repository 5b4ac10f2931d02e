"""From an evaluation to records: grades, hits, episodes (rules.md, "Alerts from hits")."""
import base64
import datetime
import hashlib
import math

import aggregates
import celenv
import rule as rules
import schema as schemas
import time_text

EVIDENCE_MAX = 20


class Episode:
    def __init__(self, alert, grade, time):
        self.alert, self.grade = alert, grade
        self.opened = self.last = time
        self.hits = 1
        self.timer = None


class RuleState:
    """What one rule has seen. `offer(event)` is the business of each kind of rule."""

    def __init__(self, engine, rule):
        self.engine, self.rule, self.wrong = engine, rule, engine.wrong
        self.episodes = {}
        self.records = []
        self.late_left_out = 0

    def set_timer(self, due, group, fire, clears=False):
        return self.engine.timers.set(due, self, group_bytes(group), fire, clears)

    # Which events count -----------------------------------------------------------------------

    def counts(self, event, source):
        """ "Where `when` is true", and no exception of the rule holds."""
        when = source.when
        if when is not None and not event.holds(when, self.rule.purpose):
            return False
        return not self.excepted(event)

    def excepted(self, event):
        for entry in self.rule.excepts:
            until = entry.until + ("until-closed" in self.wrong)
            if event.time < until and event.holds(entry.when, self.rule.purpose):
                return True
        return False

    def group_of(self, source, event):
        """A tuple of strings, ints or bools; None where one is missing or errs."""
        if not self.rule.grouped:  # "Without it every event is a group of its own"
            return (event.source, event.id)
        values = [event.values(expr, self.rule.purpose) for expr in source.by]
        group = tuple(group_value(value[0]) if value else None for value in values)
        return None if None in group else group

    # Evaluation -------------------------------------------------------------------------------

    def evaluate(self, group, time, covered, start, names):
        """Over the events of a window or match, in order; `start` is the window's, if it ended.

        `names` are the values of the names that are no `let`: baseline, steps.
        """
        view = covered[-1].view(self.rule.purpose)
        values = self.let_values(covered, view, names)
        known = {**names, **values}
        for grade, expr in self.rule.grade:  # the highest that holds; one that errs does not
            if expr is None or expr.holds(view, known):
                self.hit(group, grade, time, covered, start or covered[-1].name(), values, known)
                return

    def let_values(self, covered, view, names):
        """In order; one that errs is left out, and is an error to what reads it."""
        values = {}
        for name, let in self.rule.lets:
            try:
                if isinstance(let, celenv.Expr):
                    values[name] = let.eval(view, {**names, **values})
                else:
                    values[name] = aggregates.aggregate(let, covered, self.rule.purpose,
                                                        self.wrong)
            except celenv.CelError:
                continue
        return values

    # Episodes ---------------------------------------------------------------------------------

    def hit(self, group, grade, time, covered, opening, values, known):
        quiet, episode = self.rule.quiet, self.episodes.get(group)
        past = time + ("past-early" in self.wrong)
        if episode is not None and past > episode.last + quiet:
            self.clear(group)  # "clears first, then opens"
            episode = None
        if episode is None:
            episode = Episode(alert_id(self.rule, group, opening), grade, time)
            if quiet > 0:  # "With quiet: 0 an episode is its one hit"
                self.episodes[group] = episode
                self.move_clear(group, episode)
            self.show("open", group, episode, grade, time, covered, values, known)
            return
        episode.hits += 1
        if time > episode.last:
            episode.last = time
            self.move_clear(group, episode)
        if rules.GRADES.index(grade) > rules.GRADES.index(episode.grade):
            episode.grade = grade
            self.show("raise", group, episode, grade, time, covered, values, known)

    def move_clear(self, group, episode):
        """ "At last + quiet + 1 ms" """
        if episode.timer is not None:
            episode.timer.live = False
        off = ("clear-late" in self.wrong) - ("clear-early" in self.wrong)
        episode.timer = self.set_timer(episode.last + self.rule.quiet + 1 + off, group,
                                       lambda: self.clear(group), clears=True)

    def clear(self, group):
        episode = self.episodes.pop(group)
        episode.timer.live = False
        self.records.append({
            "kind": "clear", "alert": episode.alert, "rule": self.rule.id, "grade": episode.grade,
            "time": time_text.format_time(episode.last + self.rule.quiet),
            "group": group_json(self.rule, group), "hits": episode.hits,
            "opened": time_text.format_time(episode.opened),
            "last": time_text.format_time(episode.last)})

    def show(self, kind, group, episode, grade, time, covered, values, known):
        rule = self.rule
        record = {"kind": kind, "alert": episode.alert, "rule": rule.id, "grade": grade,
                  "time": time_text.format_time(time), "group": group_json(rule, group),
                  "values": {name: to_json(value) for name, value in values.items()},
                  "evidence": [e.name() for e in covered[-EVIDENCE_MAX:]],
                  "labels": rule.labels, "area": self.area_of(covered[-1])}
        if rule.message is not None:
            view = covered[-1].view(rule.purpose)
            record["message"] = "".join(render(part, view, known) for part in rule.message)
        self.records.append(record)
        if rule.mode == "live" and not rule.over_alerts:
            self.engine.add_alert(rule, record, time)

    def area_of(self, event):
        """The x-area field of the newest of the window's events; null where it has none."""
        value = event.data
        path = schemas.area_path(self.rule.pack.schema_of(event.type))
        for name in path.split(".") if path else ["\0none"]:
            value = value.get(name) if isinstance(value, dict) else None
        return value


class GroupBool:
    """A bool in a group, which Python would take for an int."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, GroupBool) and self.value == other.value

    def __hash__(self):
        return hash(("bool", self.value))


def group_value(value):
    """ "A group value is a string, an int or a bool"; None for anything else."""
    if isinstance(value, bool):
        return GroupBool(value)
    if isinstance(value, (str, int)) and not isinstance(value, celenv.Uint):
        return value
    return None


def group_text(value):
    """Values as in the order of timers: ints in decimal, bools as `true`, `false`."""
    if isinstance(value, GroupBool):
        return "true" if value.value else "false"
    return str(value)


def group_bytes(group):
    return [group_text(value).encode() for value in group]


def group_json(rule, group):
    """`group` is {} without `by`."""
    if not rule.grouped:
        return {}
    return {name: value.value if isinstance(value, GroupBool) else value
            for name, value in zip(rule.group_names, group)}


def alert_id(rule, group, opening):
    """First 16 hex digits of SHA-256 over rule id, group values and the opening, by U+001F."""
    parts = [rule.id] + ([group_text(value) for value in group] if rule.grouped else [])
    return hashlib.sha256("\x1f".join(parts + [opening]).encode()).hexdigest()[:16]


def render(part, view, known):
    """Each part as CEL's string(); a part that errs is printed as it stands."""
    kind, text, expr = part
    if kind == "text":
        return text
    try:
        return expr.eval(view, known, wrap="string({})")
    except celenv.CelError:
        return "{" + text + "}"


def to_json(value):
    """JSON as it is; non-finite doubles, timestamps and durations as strings; bytes in base64."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return celenv.written_time(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    return value
