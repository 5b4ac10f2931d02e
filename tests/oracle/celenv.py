"""CEL by cel-cpp (cel-expr-python), with the pack's own functions and the spelling of celtext.py.

Expressions are evaluated without static types: a pack is taken to have passed the linter.
"""
import datetime
import math
import unicodedata

from cel_expr_python import cel
from cel_expr_python.ext import ext_math, ext_strings

import celtext
import timeutil

EARTH_RADIUS_M = 6371008.8
GEOHASH_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"


class CelError(Exception):
    """An expression's error: it is what an absent value means to whoever reads it."""


class Uint(int):
    """A CEL uint, kept apart from an int."""


def fold(text):
    """NFKC, then full case folding."""
    return unicodedata.normalize("NFKC", text).casefold()


def mention_count(text, keywords):
    """Distinct keywords (those that fold alike are one) that occur in the text."""
    folded = fold(text)
    return sum(1 for keyword in {fold(k) for k in keywords} if keyword in folded)


def distance(lat1, lon1, lat2, lon2):
    """Haversine, mean radius 6371008.8 m."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_phi = math.sin((phi2 - phi1) / 2)
    half_lambda = math.sin(math.radians(lon2 - lon1) / 2)
    a = half_phi * half_phi + math.cos(phi1) * math.cos(phi2) * half_lambda * half_lambda
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))


def geohash(lat, lon, length):
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 1 <= length <= 12):
        raise ValueError("geohash out of range")
    lat_range, lon_range, bits = [-90.0, 90.0], [-180.0, 180.0], []
    for i in range(length * 5):
        value, bounds = (lon, lon_range) if i % 2 == 0 else (lat, lat_range)
        middle = (bounds[0] + bounds[1]) / 2
        bits.append(1 if value >= middle else 0)
        bounds[0 if value >= middle else 1] = middle
    return "".join(GEOHASH_ALPHABET[int("".join(map(str, bits[i:i + 5])), 2)]
                   for i in range(0, len(bits), 5))


def in_area(parents, code, ancestor):
    """By the area table (a code is in itself), or by prefix without one."""
    if parents is None:
        return code.startswith(ancestor)
    seen = set()
    while code and code not in seen:
        if code == ancestor:
            return True
        seen.add(code)
        code = parents.get(code)
    return False


class Env:
    def __init__(self, lists, keywords, parents):
        self.lists, self.keywords = lists, keywords
        self.programs = {}
        t, overload, declare = cel.Type, cel.Overload, cel.FunctionDecl
        words = t.List(t.STRING)
        self.env = cel.NewEnv(
            variables={"data": t.DYN, "lists": t.DYN, "keywords": t.DYN, "event_id": t.STRING,
                       "event_source": t.STRING, "event_type": t.STRING,
                       "event_time": t.TIMESTAMP},
            extensions=[ext_strings.ExtStrings(), ext_math.ExtMath()],
            functions=[
                declare("mentions", [overload("mentions", t.BOOL, [t.STRING, words], True,
                                              lambda s, k: mention_count(s, k) > 0)]),
                declare("mentionCount", [overload("mention_count", t.INT, [t.STRING, words], True,
                                                  mention_count)]),
                declare("distance", [overload("distance", t.DOUBLE, [t.DOUBLE] * 4, False,
                                              distance)]),
                declare("geohash", [overload("geohash", t.STRING, [t.DOUBLE, t.DOUBLE, t.INT],
                                             False, geohash)]),
                declare("inArea", [overload("in_area", t.BOOL, [t.STRING, t.STRING], False,
                                            lambda c, a: in_area(parents, c, a))]),
            ])

    def program(self, text):
        if text not in self.programs:
            self.programs[text] = self.env.compile(text, disable_check=True)
        return self.programs[text]


class Expr:
    """One CEL text of a rule, in a scope: the fields of its types and the let names it may read."""

    def __init__(self, env, text, scope, lets=()):
        self.env, self.source = env, text
        self.rewrite = celtext.Rewrite(text, scope.fields, scope.doubles, frozenset(lets))
        self.lists = {name: env.lists[name] for name in self.rewrite.list_names}
        self.keywords = {name: env.keywords[name] for name in self.rewrite.keyword_names}
        env.program(self.rewrite.spelled(lambda name: "let_" + name))  # the syntax, checked at load

    def eval(self, event, data, lets=None, wrap="{}"):
        """The value over one event's data and the let values so far, or CelError."""
        lets = lets or {}
        activation = {"data": data, "lists": self.lists, "keywords": self.keywords,
                      "event_id": event.id, "event_source": event.source,
                      "event_type": event.type, "event_time": timeutil.to_datetime(event.time)}
        for name in self.rewrite.lets_read() & set(lets):
            activation["let_" + name] = injectable(lets[name])
        text = self.rewrite.spelled(lambda name: spell_let(name, lets.get(name)))
        result = self.env.program(wrap.format(text)).eval(data=activation)
        if result.type() == cel.Type.ERROR:
            raise CelError(str(result.plain_value()))
        return from_cel(result)

    def holds(self, event, data, lets=None):
        """A condition that errs does not hold."""
        try:
            return self.eval(event, data, lets) is True
        except CelError:
            return False


def spell_let(name, value):
    """A let value of a type that the binding cannot pass in goes in as text and is converted."""
    kind = {Uint: "uint", datetime.datetime: "timestamp", datetime.timedelta: "duration"}
    return f"{kind[type(value)]}(let_{name})" if type(value) in kind else "let_" + name


def injectable(value):
    if isinstance(value, Uint):
        return str(int(value))
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return time_text(value)
    return value


def time_text(value):
    """A timestamp's or duration's CEL string()."""
    if isinstance(value, datetime.datetime):
        micros = (value - timeutil.EPOCH) // datetime.timedelta(microseconds=1)
        whole = value.strftime("%Y-%m-%dT%H:%M:%S")
        return whole + fraction(micros % 1_000_000) + "Z"
    micros = value // datetime.timedelta(microseconds=1)
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    return f"{sign}{micros // 1_000_000}{fraction(micros % 1_000_000)}s"


def fraction(micros):
    """No digits, three or six, as cel-cpp's string() writes them."""
    if micros % 1000 == 0:
        return f".{micros // 1000:03d}" if micros else ""
    return f".{micros:06d}"


def from_cel(result):
    value = result.plain_value()
    if result.type() == cel.Type.UINT:
        return Uint(value)
    return bytes(value) if isinstance(value, bytearray) else value
