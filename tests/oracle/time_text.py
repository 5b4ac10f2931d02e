"""Times are integers: milliseconds since 1970-01-01T00:00:00Z. Durations are milliseconds."""
import datetime
import re
import zoneinfo

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
UNIT = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
RFC3339 = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
                     r"(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")
DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def parse_duration(value):
    """One or more integers with a unit, written together (1h30m); 0 needs no unit."""
    text = str(value)
    if text == "0":
        return 0
    if not re.fullmatch(r"([0-9]+(ms|s|m|h|d))+", text):
        raise ValueError(f"not a duration: {text}")
    return sum(int(n) * UNIT[u] for n, u in re.findall(r"([0-9]+)(ms|s|m|h|d)", text))


def parse_rfc3339(text):
    """Milliseconds, the rest cut off (towards the past), or ValueError."""
    match = RFC3339.fullmatch(text)
    if not match:
        raise ValueError("not RFC 3339")
    year, month, day, hour, minute, second = (int(g) for g in match.groups()[:6])
    if not 1 <= month <= 12:
        raise ValueError("no such month")
    leap = month == 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    if not 1 <= day <= DAYS_IN_MONTH[month - 1] + leap:
        raise ValueError("no such day")
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time of day")
    offset_minutes = 0
    if match[8]:
        if int(match[9]) > 23 or int(match[10]) > 59:
            raise ValueError("no such offset")
        offset_minutes = (int(match[9]) * 60 + int(match[10])) * (-1 if match[8] == "-" else 1)
    days = days_from_civil(year, month, day)
    seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second
    # Cut to milliseconds: the first three digits of the fraction.
    return seconds * 1000 + int(((match[7] or "") + "000")[:3])


def days_from_civil(year, month, day):
    """Days since 1970-01-01 in the proleptic Gregorian calendar, year 0 too."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days += sum(DAYS_IN_MONTH[:month - 1]) + (1 if leap and month > 2 else 0) + day - 1
    return days - 719162


def format_time(ms):
    """Times are UTC with three digits of milliseconds."""
    return to_datetime(ms).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def to_datetime(ms):
    return EPOCH + datetime.timedelta(milliseconds=ms)


def zone_origin(zone_name):
    """The instant of 1970-01-01 00:00 in the pack's timezone, from which windows are counted."""
    midnight = datetime.datetime(1970, 1, 1, tzinfo=zoneinfo.ZoneInfo(zone_name))
    return round((midnight - EPOCH) / datetime.timedelta(milliseconds=1))


def parse_until(text, zone_name):
    """An RFC 3339 time, or a date: "a date counts whole in the pack's timezone"."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return parse_rfc3339(text)
    day = datetime.date.fromisoformat(text) + datetime.timedelta(days=1)
    midnight = datetime.datetime(day.year, day.month, day.day,
                                 tzinfo=zoneinfo.ZoneInfo(zone_name))
    return round((midnight - EPOCH) / datetime.timedelta(milliseconds=1))
