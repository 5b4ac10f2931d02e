"""RFC 8259, strictly: what Python's json takes too gladly is refused here.

A parsed object is an `Obj`: its pairs in order, names given twice kept, so that one can tell.
A number is a `Num`: its text, for "a number in an unused field may have any size".
"""
import json

MAX_DEPTH = 512


class JsonError(ValueError):
    pass


class Num:
    """A JSON number as it was written."""

    def __init__(self, text):
        self.text = text


class Obj:
    """A JSON object: `pairs` as written; `get` is the last value of a name."""

    def __init__(self, pairs):
        self.pairs = pairs
        self.values = dict(pairs)

    def get(self, name):
        return self.values.get(name)

    def twice(self):
        """Names given more than once, compared after their escapes are read."""
        names = [name for name, _ in self.pairs]
        return {name for name in names if names.count(name) > 1}


def depth_of(text):
    """Deepest nesting of [ and { outside strings (a scalar has none)."""
    depth = deepest = 0
    in_string = escaped = False
    for c in text:
        if in_string:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                in_string = False
        elif c == '"':
            in_string = True
        elif c in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif c in "]}":
            depth -= 1
    return deepest


def refuse_constant(name):
    raise JsonError(f"{name} is not JSON")


def check_surrogates(value):
    """A lone surrogate, in any string or name of the record, is refused."""
    if isinstance(value, str):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise JsonError("lone surrogate")
    elif isinstance(value, list):
        for item in value:
            check_surrogates(item)
    elif isinstance(value, Obj):
        for name, item in value.pairs:
            check_surrogates(name)
            check_surrogates(item)


def parse(raw):
    """bytes -> Obj | list | str | Num | bool | None, or JsonError."""
    try:
        text = raw.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise JsonError("not UTF-8") from error
    if depth_of(text) > MAX_DEPTH:
        raise JsonError("nested too deeply")
    try:
        value = json.loads(text, object_pairs_hook=Obj, parse_int=Num, parse_float=Num,
                           parse_constant=refuse_constant, strict=True)
    except (json.JSONDecodeError, RecursionError) as error:
        raise JsonError(str(error)) from error
    check_surrogates(value)
    return value
