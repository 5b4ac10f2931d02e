"""Schemas: a JSON Schema subset. Checks an event's data and reads it into plain values."""
from fractions import Fraction
import math
import re

import re2

import strictjson
import time_text

INT_MIN, INT_MAX = -2**63, 2**63 - 1


class SchemaError(ValueError):
    pass


class IdentityError(ValueError):
    pass


class Identity(dict):
    """An `x-identity` value: from purpose to token."""


class Scope:
    """What names an expression may read: top-level field names, paths declared as double, defs.

    `steps` maps the names of a sequence's steps to their schemas: `report.weight` is the path
    "step report.weight" of a double.
    """

    def __init__(self, schemas, defs, steps=None):
        self.fields, self.doubles, self.defs = set(), set(), defs
        for schema in schemas:
            self.fields |= set(schema.get("properties", {}))
            self.doubles |= double_paths(schema)
        for name, schema in (steps or {}).items():
            self.doubles |= {f"step {name}.{path}" for path in double_paths(schema)}


def double_paths(schema):
    return {path for path, spec in paths_of(schema) if spec.get("type") == "number"}


def paths_of(spec, prefix=""):
    """("outlet.code", its spec) of every field, however deep."""
    for name, inner in spec.get("properties", {}).items():
        yield prefix + name, inner
        yield from paths_of(inner, prefix + name + ".")


def area_path(schema):
    """The path of the `x-area` field, or None."""
    return next((path for path, spec in paths_of(schema) if spec.get("x-area")), None)


def has_identity(schema):
    return any(spec.get("x-identity") for _, spec in paths_of(schema))


def read_object(schema, obj, where="data"):
    """Obj -> dict of the declared fields in it; unknown ones "are ignored and not kept"."""
    properties = schema.get("properties", {})
    for name in obj.twice():
        if name in properties:
            raise SchemaError(f"{where}.{name} is given twice")
    for name in schema.get("required", []):
        if name not in obj.values:
            raise SchemaError(f"{where}.{name} is missing")
    out = {}
    for name, spec in properties.items():
        if name in obj.values:
            value = read_value(spec, obj.get(name), f"{where}.{name}")
            if not spec.get("x-protected"):  # "dropped after the check"
                out[name] = value
    return out


def read_value(spec, value, where):
    if spec.get("x-identity") and isinstance(value, strictjson.Obj):
        tokens = value.values.values()
        if not all(isinstance(token, str) for token in tokens):
            raise SchemaError(f"{where}: tokens are strings")
        return Identity(value.values)
    kind = spec["type"]
    if kind == "string" and isinstance(value, str):
        check_string(spec, value, where)
        read = value
    elif kind == "integer" and isinstance(value, strictjson.Num):
        read = whole_number(value.text, where)
    elif kind == "number" and isinstance(value, strictjson.Num):
        read = float(value.text)
        if math.isinf(read):
            raise SchemaError(f"{where} does not fit a double")
    elif kind == "boolean" and isinstance(value, bool):
        read = value
    elif kind == "array" and isinstance(value, list):
        read = [read_value(spec["items"], v, f"{where}[{i}]") for i, v in enumerate(value)]
    elif kind == "object" and isinstance(value, strictjson.Obj):
        read = read_object(spec, value, where)
    else:
        raise SchemaError(f"{where} is not of type {kind}")
    check_words(spec, read, where)
    return read


def whole_number(text, where):
    """An integer is any JSON number that is whole and fits int64 (1.0 too)."""
    match = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?", text)
    sign, whole, part = match[1], match[2], match[3] or ""
    digits = (whole + part).lstrip("0")
    if not digits:
        return 0
    exponent = int(match[4] or 0) - len(part)
    zeros = len(digits) - len(digits.rstrip("0"))
    if -exponent > zeros:
        raise SchemaError(f"{where} is not whole")
    if len(digits) + exponent > 19:
        raise SchemaError(f"{where} does not fit int64")
    number = int(digits + "0" * exponent) if exponent >= 0 else int(digits[:exponent])
    number = -number if sign else number
    if not INT_MIN <= number <= INT_MAX:
        raise SchemaError(f"{where} does not fit int64")
    return number


def check_string(spec, text, where):
    if "maxLength" in spec and len(text) > spec["maxLength"]:  # code points
        raise SchemaError(f"{where} is too long")
    if "pattern" in spec and not re2.search(spec["pattern"], text):  # RE2, anywhere
        raise SchemaError(f"{where} does not match its pattern")
    if spec.get("format") == "date-time":
        try:
            time_text.parse_rfc3339(text)
        except ValueError as error:
            raise SchemaError(f"{where}: {error}") from error


def check_words(spec, value, where):
    if "enum" in spec and not any(same(value, allowed) for allowed in spec["enum"]):
        raise SchemaError(f"{where} is none of its enum")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if "minimum" in spec and Fraction(value) < Fraction(spec["minimum"]):
            raise SchemaError(f"{where} is below its minimum")
        if "maximum" in spec and Fraction(value) > Fraction(spec["maximum"]):
            raise SchemaError(f"{where} is above its maximum")


def same(left, right):
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def check_identity(schema, data):
    """Without a key file, a string in an `x-identity` field cannot be made a token."""
    for name, spec in schema.get("properties", {}).items():
        if spec.get("x-identity") and isinstance(data.get(name), str):
            raise IdentityError(f"{name}: a raw identity and no keys")
        if isinstance(data.get(name), dict) and not isinstance(data[name], Identity):
            check_identity(spec, data[name])


def for_purpose(data, purpose):
    """In a rule, an identity field stands for the token of the rule's own purpose."""
    out = {}
    for name, value in data.items():
        if isinstance(value, Identity):
            if purpose in value:
                out[name] = value[purpose]
        else:
            out[name] = for_purpose(value, purpose) if isinstance(value, dict) else value
    return out
