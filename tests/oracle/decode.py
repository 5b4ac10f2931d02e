"""From a line's bytes to an event, or to the reason why not."""
import celenv
import schema as schemas
import strictjson
import time_text
import tripwire

RECORD_BYTES_MAX = 1 << 20
ENVELOPE = ("specversion", "id", "source", "type", "time", "data")
TIME_MIN = 0
TIME_END = time_text.parse_rfc3339("2200-01-01T00:00:00Z")


class DeadLetter(Exception):
    def __init__(self, reason, message):
        super().__init__(message)
        self.reason, self.message = reason, message


class Event:
    """`arrival` is the record's number in the file; `data` holds the declared fields alone."""

    def __init__(self, event_id, source, event_type, time, data, arrival):
        self.id, self.source, self.type, self.time = event_id, source, event_type, time
        self.data, self.arrival = data, arrival
        self.views, self.kept = {}, {}

    def view(self, purpose):
        """What the expressions of a rule of this purpose see of it."""
        if purpose not in self.views:
            data = schemas.for_purpose(self.data, purpose)
            self.views[purpose] = celenv.view_of(self, data)
        return self.views[purpose]

    def values(self, expr, purpose):
        """[value] of an expression that sees this event alone, or [] where it errs.

        This is the oracle's one shortcut: the same text over the same event, not worked out again.
        """
        key = (expr, purpose)
        if key not in self.kept:
            try:
                self.kept[key] = [expr.eval(self.view(purpose))]
            except celenv.CelError:
                self.kept[key] = []
        return self.kept[key]

    def holds(self, expr, purpose):
        return self.values(expr, purpose) == [True]

    def name(self):
        return f"{self.source}#{self.id}"

    def order(self):
        """(time, then arrival)"""
        return (self.time, self.arrival)


def records_of(content):
    """(position, bytes) of each record: split at line feeds; a line of spaces alone is none."""
    position = 0
    for line in content.split(b"\n"):
        if line.strip(b" "):
            yield position, line
        position += len(line) + 1


def decode(raw, arrival, pack):
    """The event, or DeadLetter. Order of checks: form, type, schema, identity."""
    envelope = read_form(raw)
    event_type = envelope.get("type")
    if event_type not in pack.schemas:
        raise DeadLetter("unknown_type", f"no schema for {event_type}")
    schema = pack.schemas[event_type]
    try:
        data = schemas.read_object(schema, envelope.get("data"))
        schemas.check_identity(schema, data)
        if pack.tripwire:
            tripwire.check(envelope.get("id"), envelope.get("source"), data)
    except schemas.SchemaError as error:
        raise DeadLetter("schema", str(error)) from error
    except schemas.IdentityError as error:
        raise DeadLetter("identity", str(error)) from error
    time = time_text.parse_rfc3339(envelope.get("time"))
    return Event(envelope.get("id"), envelope.get("source"), event_type, time, data, arrival)


def read_form(raw):
    """The envelope of a well-formed CloudEvent, or DeadLetter(parse)."""
    if len(raw) > RECORD_BYTES_MAX:
        raise DeadLetter("parse", "record is too long")
    try:
        envelope = strictjson.parse(raw)
    except strictjson.JsonError as error:
        raise DeadLetter("parse", str(error)) from error
    if not isinstance(envelope, strictjson.Obj):
        raise DeadLetter("parse", "not an object")
    for name in envelope.twice():
        if name in ENVELOPE:
            raise DeadLetter("parse", f"{name} is given twice")
    if envelope.get("specversion") != "1.0":
        raise DeadLetter("parse", "specversion is not 1.0")
    for name in ("id", "source", "type", "time"):
        if not isinstance(envelope.get(name), str) or envelope.get(name) == "":
            raise DeadLetter("parse", f"{name} is missing, empty or no string")
    if not isinstance(envelope.get("data"), strictjson.Obj):
        raise DeadLetter("parse", "data is not an object")
    try:
        time = time_text.parse_rfc3339(envelope.get("time"))
    except ValueError as error:
        raise DeadLetter("parse", f"time: {error}") from error
    if not TIME_MIN <= time < TIME_END:  # "before 1970 or after 2199"
        raise DeadLetter("parse", "time is out of range")
    return envelope
