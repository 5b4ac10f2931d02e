"""Aggregates over a window's events, each worked out anew."""
import datetime
from fractions import Fraction
import math

import celenv

INT_MIN, INT_MAX, UINT_MAX = -2**63, 2**63 - 1, 2**64 - 1
NAMES = {"count", "distinct", "sum", "avg", "min", "max", "first", "last", "stddev", "percentile",
         "approx_distinct", "top", "speed"}
ZERO_OVER_NOTHING = {"count", "distinct", "approx_distinct", "sum"}


class Aggregate:
    """`args` are expressions over an event; `number` is the literal of percentile, top or speed."""

    def __init__(self, name, args, number, where, zero):
        self.name, self.args, self.number = name, args, number
        self.where, self.zero = where, zero


def aggregate(agg, events, purpose, wrong=()):
    """The aggregate's value over these events (in order of time, then arrival), or CelError."""
    if agg.where is not None:  # "A `where` that errs is false"
        events = [e for e in events if e.holds(agg.where, purpose)]
    if agg.name == "count":
        return len(events)
    if agg.name == "speed":
        return speed(agg, events, purpose, wrong)
    # "An event for which x is an error does not contribute"
    values = [value for e in events for value in e.values(agg.args[0], purpose)]
    if agg.name in ("distinct", "approx_distinct"):
        return len({freeze(value) for value in values})
    if agg.name == "sum":
        return exact_sum(values) if values else agg.zero
    if agg.name == "top":
        return top(values, int(agg.number), wrong)
    if not values:  # "over no events avg min max first last stddev percentile are errors"
        raise celenv.CelError(f"{agg.name} over no events")
    if agg.name == "avg":
        return mean(values)
    if agg.name == "stddev":
        return deviation(values)
    if agg.name in ("min", "max"):
        return ordered(values)[0 if agg.name == "min" else -1]
    if agg.name == "percentile":
        return percentile(values, Fraction(agg.number), wrong)
    return values[0] if agg.name == "first" else values[-1]


# Numbers ----------------------------------------------------------------------------------------


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
    if not all(is_number(value) for value in values):
        raise celenv.CelError("only numbers are summed")
    odd = [v for v in values if isinstance(v, float) and not math.isfinite(v)]
    if odd:
        return sum(odd)
    if all(isinstance(value, int) for value in values):
        return Fraction(sum(int(value) for value in values))
    return sum((Fraction(value) for value in values), Fraction(0))


def mean(values):
    """The exact sum, rounded once, over the number of values."""
    return round_once(sum_of(values)) / len(values)


def deviation(values):
    """Population: sqrt((n * S2 - S1^2) / n^2), exact up to the variance, rounded once."""
    first = sum_of(values)
    if isinstance(first, float):
        return math.nan
    second = sum((Fraction(value) ** 2 for value in values), Fraction(0))
    return math.sqrt(round_once((len(values) * second - first * first) / len(values) ** 2))


def round_once(total):
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Order ------------------------------------------------------------------------------------------


def ordered(values):
    """Ascending: numbers by value, strings by code point; of several kinds or of none: an error."""
    kinds = {bool: "bool", str: "string", bytes: "bytes", datetime.datetime: "timestamp",
             datetime.timedelta: "duration"}
    found = {"number" if is_number(value) else kinds.get(type(value)) for value in values}
    if len(found) > 1 or None in found:
        raise celenv.CelError("values without an order among each other")
    return sorted(values)


def percentile(values, p, wrong):
    """Nearest rank ceil(p * n / 100), at least 1."""
    rank = max(1, math.ceil(p * len(values) / 100))
    if "percentile-floor" in wrong:
        rank = max(1, math.floor(p * len(values) / 100))
    if "percentile-next" in wrong:
        rank = min(len(values), math.floor(p * len(values) / 100) + 1)
    return ordered(values)[rank - 1]


def top(values, k, wrong):
    """At most k maps of value and count: by count descending, then by value ascending."""
    counts, found = {}, []
    for value in ordered(values):
        key = freeze(value)
        if key not in counts:
            found.append(value)
        counts[key] = counts.get(key, 0) + 1
    if "top-last" in wrong:
        found.reverse()
    found.sort(key=lambda value: -counts[freeze(value)])  # stable: equal counts stay by value
    return [{"value": value, "count": counts[freeze(value)]} for value in found[:k]]


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


# Places -----------------------------------------------------------------------------------------


def speed(agg, events, purpose, wrong):
    """The highest speed in m/s between two successive events at least d metres apart; or 0.0."""
    places = []
    for event in events:
        lat, lon = (event.values(arg, purpose) for arg in agg.args)
        if is_place(lat, 90) and is_place(lon, 180):
            places.append((float(lat[0]), float(lon[0]), event.time))
    highest = 0.0
    for (lat1, lon1, time1), (lat2, lon2, time2) in zip(places, places[1:]):
        metres = celenv.distance(lat1, lon1, lat2, lon2)
        shortest = 0.001 if "speed-no-second" in wrong else 1.0
        if metres >= float(agg.number):
            highest = max(highest, metres / max((time2 - time1) / 1000, shortest))
    return highest


def is_place(values, limit):
    return bool(values) and is_number(values[0]) and -limit <= values[0] <= limit
