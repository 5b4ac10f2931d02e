"""Time, the order of things, and episodes: rules.md from "Time" to "Alerts from hits"."""
import base64
import datetime
import hashlib
import math

import celenv
import schema as schemas
import timeutil
import windows

HOUR = 3_600_000
NEVER = -math.inf
FOREVER = math.inf
EVIDENCE_MAX = 20


class Episode:
    def __init__(self, alert, grade, time):
        self.alert, self.grade = alert, grade
        self.opened = self.last = time
        self.hits = 1


class RuleState:
    """What one rule has seen: per group its events, and its open episode if there is one."""

    def __init__(self, rule):
        self.rule = rule
        self.events, self.episodes = {}, {}
        self.memo = windows.Memo(lambda event: schemas.for_purpose(event.data, rule.purpose))
        self.records = []

    def take_records(self):
        records, self.records = self.records, []
        return [] if self.rule.mode == "shadow" else records


class Engine:
    def __init__(self, pack, out_of_orderness=0, allowed_lateness=0, wrong=()):
        self.pack, self.wrong = pack, frozenset(wrong)
        self.out_of_orderness, self.allowed_lateness = out_of_orderness, allowed_lateness
        self.states = [RuleState(r) for r in pack.rules if r.mode != "disabled"]
        self.highest_seen = NEVER
        self.watermark = NEVER
        self.remembered = {}  # (source, id) -> time of the event that brought it
        self.buffer = []
        self.out = []

    # One record of the input ------------------------------------------------------------------

    def accept(self, event):
        """The outcome of a well-formed event: processed, duplicate or late."""
        if self.is_duplicate(event):
            return "duplicate"
        behind = self.watermark - event.time
        if behind > self.allowed_lateness:
            return "late"
        self.remembered[(event.source, event.id)] = event.time  # it passed all three checks
        self.highest_seen = max(self.highest_seen, event.time)
        if behind > 0:  # "within allowed_lateness it is processed at once, at its own time"
            self.fire_timers(event.time)
            self.process(event)
            # A timer "set for a time that the watermark has passed fires right after the late
            # event that set it, before the next event".
            self.fire_timers(self.watermark)
            return "processed"
        self.buffer.append(event)
        self.advance(self.highest_seen - self.out_of_orderness)
        return "processed"

    def is_duplicate(self, event):
        """A pair is kept until its partition has seen a time (this event's counts) more than the
        horizon past that of the event that brought it."""
        pair = (event.source, event.id)
        if pair not in self.remembered or "no-dedupe" in self.wrong:
            return False
        return max(self.highest_seen, event.time) - self.remembered[pair] <= HOUR

    def advance(self, watermark):
        """Events leave the reorder buffer by (time, then arrival); timers fire between them."""
        self.watermark = max(self.watermark, watermark)
        ready = sorted((e for e in self.buffer if e.time <= self.watermark),
                       key=lambda e: e.order())
        self.buffer = [e for e in self.buffer if e.time > self.watermark]
        for event in ready:
            self.fire_timers(event.time)  # "every such timer due at T <= t fires"
            self.process(event)
        self.fire_timers(self.watermark)

    def finish(self, flush):
        """The watermark ends at the highest event time seen; --flush takes it to infinity."""
        if self.highest_seen is not NEVER:
            self.advance(self.highest_seen)
        if flush:
            self.advance(FOREVER)

    # Timers -----------------------------------------------------------------------------------

    def fire_timers(self, up_to):
        """Clears due at T <= up_to, by (T, rule id, group)."""
        due_late = 0 if "clear-early" in self.wrong else 1
        while True:
            due = [(episode.last + state.rule.quiet + due_late, state.rule.id.encode(),
                    group_bytes(group), state, group)
                   for state in self.states for group, episode in state.episodes.items()]
            due = [timer for timer in due if timer[0] <= up_to]
            if not due:
                return
            _, _, _, state, group = min(due, key=lambda timer: timer[:3])
            self.clear(state, group)
            self.out += state.take_records()

    # Evaluation -------------------------------------------------------------------------------

    def process(self, event):
        for state in self.states:  # "For one event, records come in rule id order"
            self.offer(state, event)
            self.out += state.take_records()

    def offer(self, state, event):
        rule = state.rule
        source = rule.sources.get(event.type)
        if source is None:
            return
        data = schemas.for_purpose(event.data, rule.purpose)
        if source.when is not None and not source.when.holds(event, data):
            return
        group = self.group_of(rule, source, event, data)
        if group is None:
            return
        state.events.setdefault(group, []).append(event)
        covered = windows.events_of(rule, self.pack.zone_origin, state.events[group], event,
                                    self.wrong)
        values = self.let_values(state, covered, event, data)
        grade = self.grade_of(rule, event, data, values)
        if grade is not None:
            self.hit(state, group, grade, event, data, covered, values)

    def group_of(self, rule, source, event, data):
        """A tuple of strings, ints or bools; None where one is missing or errs."""
        if not rule.grouped:  # "Without it every event is a group of its own"
            return (event.source, event.id)
        group = []
        for expr in source.by:
            try:
                value = expr.eval(event, data)
            except celenv.CelError:
                return None
            if not isinstance(value, (str, int)) or isinstance(value, celenv.Uint):
                return None
            group.append(GroupBool(value) if isinstance(value, bool) else value)
        return tuple(group)

    def let_values(self, state, covered, event, data):
        """In order; one that errs is left out, and is an error to what reads it."""
        values = {}
        for name, let in state.rule.lets:
            try:
                if isinstance(let, celenv.Expr):
                    values[name] = let.eval(event, data, values)
                else:
                    values[name] = windows.aggregate(let, covered, state.memo)
            except celenv.CelError:
                continue
        return values

    def grade_of(self, rule, event, data, values):
        """The highest grade that holds; one that errs does not."""
        for grade, expr in rule.grade:
            if expr is None or expr.holds(event, data, values):
                return grade
        return None

    # Episodes ---------------------------------------------------------------------------------

    def hit(self, state, group, grade, event, data, covered, values):
        rule, episode = state.rule, state.episodes.get(group)
        if episode is not None and event.time > episode.last + rule.quiet:
            self.clear(state, group)  # "clears first, then opens"
            episode = None
        if episode is None:
            alert = alert_id(rule, group, event)
            episode = Episode(alert, grade, event.time)
            if rule.quiet > 0:  # "With quiet: 0 an episode is its one hit"
                state.episodes[group] = episode
            state.records.append(self.shown("open", state, group, episode, grade, event, data,
                                            covered, values))
            return
        episode.hits += 1
        episode.last = max(episode.last, event.time)
        if grade_rank(grade) > grade_rank(episode.grade):
            episode.grade = grade
            state.records.append(self.shown("raise", state, group, episode, grade, event, data,
                                            covered, values))

    def shown(self, kind, state, group, episode, grade, event, data, covered, values):
        rule = state.rule
        record = {"kind": kind, "alert": episode.alert, "rule": rule.id, "grade": grade,
                  "time": timeutil.format_time(event.time), "group": group_json(rule, group),
                  "values": {name: to_json(value) for name, value in values.items()},
                  "evidence": [e.name() for e in covered[-EVIDENCE_MAX:]],
                  "labels": rule.labels, "area": self.area_of(covered[-1])}
        if rule.message is not None:
            record["message"] = "".join(render(part, event, data, values) for part in rule.message)
        return record

    def clear(self, state, group):
        episode, rule = state.episodes.pop(group), state.rule
        state.records.append({
            "kind": "clear", "alert": episode.alert, "rule": rule.id, "grade": episode.grade,
            "time": timeutil.format_time(episode.last + rule.quiet),
            "group": group_json(rule, group), "hits": episode.hits,
            "opened": timeutil.format_time(episode.opened),
            "last": timeutil.format_time(episode.last)})

    def area_of(self, event):
        """The x-area field of the newest of the window's events; null where it has none."""
        value = event.data
        path = schemas.area_path(self.pack.schemas[event.type])
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


def grade_rank(grade):
    return ["blue", "yellow", "orange", "red"].index(grade)


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


def alert_id(rule, group, event):
    """First 16 hex digits of SHA-256 over rule id, group values and the event, by U+001F."""
    parts = [rule.id] + ([group_text(value) for value in group] if rule.grouped else [])
    return hashlib.sha256("\x1f".join(parts + [event.name()]).encode()).hexdigest()[:16]


def render(part, event, data, values):
    """Each part as CEL's string(); a part that errs is printed as it stands."""
    kind, text, expr = part
    if kind == "text":
        return text
    try:
        return expr.eval(event, data, values, wrap="string({})")
    except celenv.CelError:
        return "{" + text + "}"


def to_json(value):
    """JSON as it is; non-finite doubles, timestamps and durations as strings; bytes in base64."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return celenv.time_text(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    return value
