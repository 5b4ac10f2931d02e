"""privacy.md 4: raw identities that slipped into some other string."""
import re

import schema as schemas

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
CITIZEN = re.compile(r"(?<![0-9A-Za-z])([0-9]{17})([0-9Xx])(?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")


def is_citizen_number(body, check):
    """GB 11643: ISO 7064 MOD 11-2 over 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS))
    return "10X98765432"[total % 11] == check.upper()


def trips(text):
    return bool(MOBILE.search(text)) or any(is_citizen_number(*m) for m in CITIZEN.findall(text))


def strings_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, dict) and not isinstance(value, schemas.Identity):
        for item in value.values():
            yield from strings_in(item)


def check(event_id, source, data):
    if any(trips(text) for text in strings_in([event_id, source, data])):
        raise schemas.IdentityError("a citizen's or a mobile number in a string")
