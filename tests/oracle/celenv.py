"""CEL by cel-cpp (cel-expr-python), with the pack's own functions and the spelling of celtext.py.

Expressions are evaluated without static types: a pack is taken to have passed the linter.
"""
import datetime
import math
import unicodedata

from cel_expr_python import cel
from cel_expr_python.ext import ext_math, ext_strings

import celtext
import time_text

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


def bounds_of(cell):
    """((lat low, high), (lon low, high)) of a geohash."""
    if not 1 <= len(cell) <= 12 or any(letter not in GEOHASH_ALPHABET for letter in cell):
        raise ValueError("no geohash")
    lat, lon = [-90.0, 90.0], [-180.0, 180.0]
    bits = "".join(f"{GEOHASH_ALPHABET.index(letter):05b}" for letter in cell)
    for i, bit in enumerate(bits):
        bounds = lon if i % 2 == 0 else lat
        bounds[0 if bit == "1" else 1] = (bounds[0] + bounds[1]) / 2
    return lat, lon


def cell_lat(cell):
    return sum(bounds_of(cell)[0]) / 2


def cell_lon(cell):
    return sum(bounds_of(cell)[1]) / 2


def neighbours(cell):
    """The cells round it: N, NE, E, SE, S, SW, W, NW; none beyond a pole; longitude wraps."""
    (south, north), (west, east) = bounds_of(cell)
    found = []
    for up, right in [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]:
        lat = (south + north) / 2 + up * (north - south)
        lon = (west + east) / 2 + right * (east - west)
        if -90 < lat < 90:
            found.append(geohash(lat, (lon + 180) % 360 - 180, len(cell)))
    return found


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
        variables = {"data": t.DYN, "lists": t.DYN, "keywords": t.DYN, "event_id": t.STRING,
                     "event_source": t.STRING, "event_type": t.STRING, "event_time": t.TIMESTAMP}

        def function(name, result, arguments, is_member, what):
            return declare(name, [overload(name + "_", result, arguments, is_member, what)])

        self.env = cel.NewEnv(
            variables=variables, extensions=[ext_strings.ExtStrings(), ext_math.ExtMath()],
            functions=[
                function("mentions", t.BOOL, [t.STRING, words], True,
                         lambda text, keys: mention_count(text, keys) > 0),
                function("mentionCount", t.INT, [t.STRING, words], True, mention_count),
                function("distance", t.DOUBLE, [t.DOUBLE] * 4, False, distance),
                function("geohash", t.STRING, [t.DOUBLE, t.DOUBLE, t.INT], False, geohash),
                function("neighbours", t.List(t.STRING), [t.STRING], False, neighbours),
                function("cellLat", t.DOUBLE, [t.STRING], False, cell_lat),
                function("cellLon", t.DOUBLE, [t.STRING], False, cell_lon),
                function("inArea", t.BOOL, [t.STRING, t.STRING], False,
                         lambda code, ancestor: in_area(parents, code, ancestor)),
            ])

    def program(self, text):
        if text not in self.programs:
            self.programs[text] = self.env.compile(text, disable_check=True)
        return self.programs[text]


class Expr:
    """One CEL text of a rule, in a scope: the fields of its types, and the names it may read."""

    def __init__(self, env, text, scope, names=()):
        self.env, self.source = env, text
        self.rewrite = celtext.Rewrite(text, scope, frozenset(names))
        self.reads = self.rewrite.names_read()
        self.constants = {}
        if self.rewrite.list_names:
            self.constants["lists"] = {n: env.lists[n] for n in self.rewrite.list_names}
        if self.rewrite.keyword_names:
            self.constants["keywords"] = {n: env.keywords[n] for n in self.rewrite.keyword_names}
        self.spelled = {}
        self.text_for({}, "{}")  # the syntax, checked at load

    def text_for(self, values, wrap):
        """The text for cel-cpp. It depends on the types of the names' values: see spell()."""
        kinds = (wrap, *[type(values.get(name)) for name in self.reads])
        if kinds not in self.spelled:
            text = self.rewrite.spelled(lambda name: spell(name, values.get(name)))
            self.env.program(text)
            self.spelled[kinds] = wrap.format(text)
        return self.spelled[kinds]

    def eval(self, view, values=None, wrap="{}"):
        """The value over an event's view and the values of names so far, or CelError."""
        values = values or {}
        activation = {**view, **self.constants}
        for name in self.reads:
            if name in values:
                activation["let_" + name] = injectable(values[name])
        result = self.env.program(self.text_for(values, wrap)).eval(data=activation)
        if result.type() == cel.Type.ERROR:
            raise CelError(str(result.plain_value()))
        return from_cel(result)

    def holds(self, view, values=None):
        """A condition that errs does not hold."""
        try:
            return self.eval(view, values) is True
        except CelError:
            return False


def view_of(event, data):
    """What an expression sees of an event."""
    return {"data": data, "event_id": event.id, "event_source": event.source,
            "event_type": event.type, "event_time": time_text.to_datetime(event.time)}


def spell(name, value):
    """A value of a type that the binding cannot pass in goes in as text and is converted."""
    kind = {Uint: "uint", datetime.datetime: "timestamp", datetime.timedelta: "duration"}
    return f"{kind[type(value)]}(let_{name})" if type(value) in kind else "let_" + name


def injectable(value):
    if isinstance(value, Uint):
        return str(int(value))
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return written_time(value)
    return value


def written_time(value):
    """A timestamp's or duration's CEL string()."""
    if isinstance(value, datetime.datetime):
        micros = (value - time_text.EPOCH) // datetime.timedelta(microseconds=1)
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
