"""Windows and aggregates: every one recomputed from all events of the group, each time."""
from fractions import Fraction
import math

import celenv

INT_MIN, INT_MAX, UINT_MAX = -2**63, 2**63 - 1, 2**64 - 1


def events_of(rule, zone_origin, group_events, event, wrong):
    """The window's events for this event, in order of (time, then arrival).

    `group_events` are all events processed so far that count for the rule in this group.
    """
    if rule.window is None:
        return [event]  # "without it, the event alone"
    kind, length = rule.window
    if kind == "sliding":  # "the group's events in (t-W, t]"
        oldest = event.time - length + (0 if "sliding-closed" in wrong else 1)
    else:  # "those up to t in the W-long interval [s, s+W) that holds t"
        origin = 0 if "tumbling-utc" in wrong else zone_origin
        oldest = origin + (event.time - origin) // length * length
    covered = [e for e in group_events if oldest <= e.time <= event.time]
    return sorted(covered, key=lambda e: e.order())


def aggregate(agg, events, memo):
    """The aggregate's value over these events, or CelError."""
    if agg.where is not None:  # "A `where` that errs is false"
        events = [e for e in events if memo.holds(agg.where, e)]
    if agg.name == "count":
        return len(events)
    # "An event for which x is an error does not contribute"
    values = [value for e in events for value in memo.values(agg.arg, e)]
    if agg.name == "distinct":
        return len({freeze(value) for value in values})
    if agg.name == "sum":
        return exact_sum(values) if values else agg.zero
    if not values:  # "over no events avg min max first last are errors"
        raise celenv.CelError(f"{agg.name} over no events")
    if agg.name == "avg":  # its sum is rounded once, like `sum`
        return round_once(sum_of(values)) / len(values)
    if agg.name in ("min", "max"):  # strings by code point, as Python does
        try:
            return min(values) if agg.name == "min" else max(values)
        except TypeError as error:
            raise celenv.CelError(str(error)) from error
    return values[0] if agg.name == "first" else values[-1]


def exact_sum(values):
    total = sum_of(values)
    if not all(isinstance(value, int) for value in values):
        return round_once(total)
    unsigned = all(isinstance(value, celenv.Uint) for value in values)
    low, high = (0, UINT_MAX) if unsigned else (INT_MIN, INT_MAX)
    if not low <= total <= high:  # "an error on overflow"
        raise celenv.CelError("integer overflow")
    return celenv.Uint(total) if unsigned else int(total)


def sum_of(values):
    """The sum of the exact values: a Fraction, or a float where one is not finite."""
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        raise celenv.CelError("only numbers are summed")
    if any(isinstance(v, float) and not math.isfinite(v) for v in values):
        return sum(v for v in values if isinstance(v, float) and not math.isfinite(v))
    return sum((Fraction(v) for v in values), Fraction(0))


def round_once(total):
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def freeze(value):
    """A form whose equality is CEL's: numbers that are equal are one, a bool is no number."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", value)
    if isinstance(value, list):
        return ("list", tuple(freeze(item) for item in value))
    if isinstance(value, dict):
        return ("map", frozenset((freeze(k), freeze(v)) for k, v in value.items()))
    return (type(value).__name__, value)


class Memo:
    """An aggregate's argument sees the event alone, so its value there is kept.

    This is the oracle's one shortcut: the same text over the same event, not worked out again.
    """

    def __init__(self, view):
        self.view, self.kept = view, {}

    def values(self, expr, event):
        """[value], or [] where the expression errs."""
        key = (id(expr), event.arrival)
        if key not in self.kept:
            try:
                self.kept[key] = [expr.eval(event, self.view(event))]
            except celenv.CelError:
                self.kept[key] = []
        return self.kept[key]

    def holds(self, expr, event):
        return self.values(expr, event) == [True]
