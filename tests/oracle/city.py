#!/usr/bin/env python3
"""A small, dense, seeded city for the oracle's pack: every rule opens, raises and clears.

  city.py --events N --seed S [--disorder-ms N] [--dup P] [--bad P] [--late P]  > events.ndjson

Events of one source come in bursts with calm hours between, so that episodes end. --disorder-ms
shuffles arrivals, --late holds a share of the events back for up to 20 minutes, --dup repeats a
share (at once, minutes later, or about the dedupe horizon later with a new time), --bad adds lines
from badlines.py: broken, against the schema, odd but valid, and blank.
"""
import argparse
import json
import random
import sys

import badlines
import time_text

BASE_MS = 1772323200000  # 2026-03-01T00:00:00Z
MINUTE, HOUR = 60_000, 3_600_000
MEAN_GAP_MS = 20_000
GRIDS = ["g1", "g2", "g3", "g4", "g5", "g9"]
CATEGORIES = ["documents", "clothing", "food", "gas_cylinder", "solvent", "fireworks", "paint",
              "zinc", "水果"]
TAGS = ["ax", "bx", "no", "Cx", "d", "éx"]
TEXTS = ["楼道里有煤气味怀疑燃气泄漏", "天然气管道漏气", "ＧＡＳ smell in STRASSE", "strasse blocked!",
         "噪音扰民", "工地拖欠工资", "Gas! 煤气! 漏气!", "  停水 ", "路灯不亮!"]
POINTS = [(34.58, 105.72), (34.581, 105.721), (34.57, 105.9), (34.6, 105.75), (-0.5, -179.99)]


class City:
    def __init__(self, rng):
        self.rng = rng

    def pick(self, values):
        """The first ones often, the last ones seldom: busy and calm places both."""
        return values[min(int(self.rng.expovariate(1) * len(values) / 3), len(values) - 1)]

    def maybe(self, data, name, share, value):
        if self.rng.random() < share:
            data[name] = value

    def parcel(self, i):
        r = self.rng
        outlet = {"code": self.pick(["O1", "O2", "O3", "O4", "O5", "网点6"])}
        self.maybe(outlet, "zone", 0.9, self.pick([0, 1, 2, 10 - 1]))
        if r.random() < 0.6:
            lat, lon = self.pick(POINTS)
            outlet["point"] = {"lat": lat, "lon": lon}
        data = {"waybill": f"W{i}", "outlet": outlet, "category": r.choice(CATEGORIES),
                "weight_kg": r.choice([1, 2.0, 0.1, 0.2, 0.3, round(r.lognormvariate(0.8, 1), 2)]),
                "verified": r.random() < 0.7, "grid": self.pick(GRIDS)}
        self.maybe(data, "value", 0.5, r.choice([1, 2, 2.0, 5, round(r.lognormvariate(4, 1.5), 2)]))
        self.maybe(data, "balance", 0.4, r.choice([1e16, -1e16, 1, 0.1, 0.2, -0.3, 2.5]))
        self.maybe(data, "pieces", 0.8, r.randrange(1, 12))
        self.maybe(data, "counter", 0.15, r.choice([1, 7, 2**62, 2**63 - 1, -5]))
        self.maybe(data, "tags", 0.6, r.sample(TAGS, r.randrange(4)))
        return "courier.parcel", f"courier/{outlet['code'][:2]}", data

    def ticket(self, i):
        r = self.rng
        data = {"ticket": f"T{i}", "text": r.choice(TEXTS), "grid": self.pick(GRIDS)}
        self.maybe(data, "urgency", 0.8, r.choice(["low", "normal", "high", "critical"]))
        if r.random() < 0.8:
            data["desk"] = {"zone": self.pick([0, 1, 2, 9])}
            self.maybe(data["desk"], "name", 0.8, self.pick(["O1", "O2", "O3", "O4"]))
        return "hotline.ticket", "hotline/12345", data

    def reading(self, i):
        r = self.rng
        data = {"device": self.pick(["D1", "D2", "D3", "D4"])}
        self.maybe(data, "ppm", 0.9, r.choice([round(r.uniform(0, 100), 1), r.randrange(100)]))
        self.maybe(data, "level", 0.8, self.pick([0, 1, 2, 3]))
        if r.random() < 0.8:
            data["place"] = {"code": self.pick(["O1", "O2", "O3", "O4"])}
            self.maybe(data["place"], "grid", 0.8, self.pick(GRIDS))
        return "sensor.reading", "sensor/" + data["device"], data

    def checkin(self, i):
        r = self.rng
        data = {"listing": self.pick(["L1", "L2", "L3", "L4", "L5"]), "guests": r.randrange(1, 6)}
        self.maybe(data, "minors", 0.7, r.randrange(0, 3))
        self.maybe(data, "guardian", 0.8, r.random() < 0.4)
        self.maybe(data, "ethnic", 0.3, r.choice("ab"))
        return "homestay.checkin", "homestay/1", data

    def event(self, i, time):
        make = self.rng.choices([self.parcel, self.ticket, self.reading, self.checkin],
                                [55, 15, 15, 15])[0]
        event_type, source, data = make(i)
        if event_type == "courier.parcel" and self.rng.random() < 0.7:
            sent = time - self.rng.randrange(0, 50) * MINUTE
            data["sent"] = time_text.format_time(sent)
        return {"specversion": "1.0", "id": f"e{i}", "source": source, "type": event_type,
                "time": spelled(self.rng, time), "data": data}


def spelled(rng, ms):
    """RFC 3339 has many spellings of one time; a tenth of a millisecond is cut off."""
    if rng.random() < 0.9:
        return time_text.format_time(ms)
    there = time_text.format_time(ms + 8 * HOUR)
    return rng.choice([there[:-1] + "+08:00", time_text.format_time(ms)[:-1] + "9Z",
                       time_text.format_time(ms).lower()])


def step(rng, time):
    """Mostly seconds; now and then the same millisecond, and now and then a calm hour."""
    u = rng.random()
    if u < 0.03:
        return time
    if u < 0.035:
        return time + HOUR + rng.randrange(HOUR)
    if u < 0.06:  # a whole minute, so that windows' ends are met exactly
        return (time // MINUTE + 1) * MINUTE
    return time + int(rng.expovariate(1 / MEAN_GAP_MS))


def dump(event):
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def later_again(rng, event, time):
    """(arrival, the same source and id): at once, minutes later, or at about the horizon."""
    u = rng.random()
    if u < 0.5:
        return time, event
    if u < 0.7:
        return time + rng.randrange(30 * MINUTE), event
    again = time + HOUR + rng.choice([-1, 0, 1, MINUTE, -MINUTE])
    return again, {**event, "time": time_text.format_time(again)}


# A share of events comes again, as another one, exactly the length of some sliding window later:
# where (t - W, t] must leave the first out.
ECHOES = 0.05
WINDOWS = [10, 15, 20, 30, 40, 60, 120]


def lines(args):
    """(arrival, number, bytes) of every line, unsorted."""
    rng, noise = random.Random(args.seed), random.Random(args.seed * 31 + 5)
    city, time, number = City(rng), BASE_MS, 0
    for i in range(args.events):
        time = step(rng, time)
        event = city.event(i, time)
        arrival = time + (noise.randrange(args.disorder_ms + 1) if args.disorder_ms else 0)
        if noise.random() < args.late:
            arrival += noise.randrange(20 * MINUTE)
        yield arrival, number, dump(event)
        number += 1
        if noise.random() < ECHOES:
            echo = time + noise.choice(WINDOWS) * MINUTE
            yield max(arrival, echo), number, dump(
                {**event, "id": f"y{i}", "time": time_text.format_time(echo)})
            number += 1
        if noise.random() < args.dup:
            again, twin = later_again(noise, event, time)
            yield max(arrival, again), number, dump(twin)
            number += 1
        if noise.random() < args.bad:
            yield arrival, number, odd_line(noise, f"x{i}", time_text.format_time(time))
            number += 1


def odd_line(rng, event_id, time):
    kinds = [badlines.malformed, badlines.against_schema, badlines.odd_but_valid]
    u = rng.random()
    if u < 0.1:
        return rng.choice(badlines.spaces())
    return rng.choice(rng.choice(kinds)(event_id, time))


def write_city(out, args):
    ordered = sorted(lines(args), key=lambda line: line[:2])
    for _, _, raw in ordered[:-1]:
        out.write(raw + b"\n")
    # The last line has its line feed or not, by the seed.
    out.write(ordered[-1][2] + (b"\n" if args.seed % 2 else b""))


def parser():
    p = argparse.ArgumentParser()
    p.add_argument("--events", type=int, default=3000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--disorder-ms", type=int, default=0)
    p.add_argument("--dup", type=float, default=0.0)
    p.add_argument("--bad", type=float, default=0.0)
    p.add_argument("--late", type=float, default=0.0)
    return p


if __name__ == "__main__":
    write_city(sys.stdout.buffer, parser().parse_args())
