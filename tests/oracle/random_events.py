"""Seeded events for random packs: dense, disordered, and on the boundaries of the pack's durations.

A world is drawn from a seed: a timezone, five durations from which every window, gap, quiet and
`within` of the pack is taken, the settings of the replay, and the events. Many events come exactly
such a duration after an earlier one, or at the end of such an interval, and a millisecond to either
side; some of the late ones exactly such a duration behind the watermark.
"""
import datetime
import json
import random
import zoneinfo

import timeutil

ZONES = ["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu"]
# (disorder in ms, share of late events, out_of_orderness, allowed_lateness, flush)
SETTINGS = [
    (2000, 0.05, 1500, 10_000, False),
    (0, 0.0, 0, 0, True),
    (8000, 0.1, 4000, 60_000, True),
    (0, 0.2, 0, 120_000, True),
    (3000, 0.0, 3000, 0, True),
    (500, 0.15, 0, 30_000, False),
]
EVENTS = 300
KEYS = ["K1", "K2", "K3", "键4"]
WORDS = ["a", "b", "c", "d", "e"]
AREAS = ["g1", "g2", "g3"]
SCHEMAS = """event: r.a
properties:
  k: { type: string }
  n: { type: integer }
  s: { type: string }
  x: { type: number }
  ok: { type: boolean }
  serial: { type: integer }
  lat: { type: number, minimum: -90, maximum: 90 }
  lon: { type: number, minimum: -180, maximum: 180 }
  near: { type: array, items: { type: string } }
  area: { type: string, x-area: true }
---
event: r.b
properties:
  k: { type: string }
  n: { type: integer }
  s: { type: string }
  x: { type: number }
  serial: { type: integer }
  ref:
    type: object
    properties:
      code: { type: string }
      z: { type: integer }
  area: { type: string, x-area: true }
---
event: r.c
properties:
  k: { type: string }
  n: { type: integer }
  s: { type: string }
  x: { type: number }
  ok: { type: boolean }
"""


class World:
    def __init__(self, seed, events):
        self.rng = random.Random(f"world {seed}")
        r = self.rng
        self.zone = r.choice(ZONES)
        # No whole seconds: an interval's place depends on where the timezone's midnight is.
        self.durations = [r.randrange(low, high) * 10 + r.choice([1, 3, 7, 9]) for low, high in
                          [(200, 450), (600, 1100), (1400, 2400), (3000, 4500), (6000, 9000)]]
        (self.disorder, self.late, self.out_of_orderness, self.allowed_lateness,
         self.flush) = SETTINGS[seed % len(SETTINGS)]
        self.times = []  # of the events, as drawn
        self.serial = 0
        self.midnight = self.some_midnight()
        self.content = b"".join(line + b"\n" for line in self.lines(events))

    def some_midnight(self):
        """A midnight of the timezone, about which the events lie: dates in `until` end there."""
        day = datetime.date(2026, 3, 1) + datetime.timedelta(days=self.rng.randrange(14))
        at = datetime.datetime(day.year, day.month, day.day, tzinfo=zoneinfo.ZoneInfo(self.zone))
        self.last_day = day - datetime.timedelta(days=1)
        return round((at - timeutil.EPOCH) / datetime.timedelta(milliseconds=1))

    def replay_options(self):
        return (f"--out-of-orderness {self.out_of_orderness}ms "
                f"--allowed-lateness {self.allowed_lateness}ms{' --flush' if self.flush else ''}")

    # Times --------------------------------------------------------------------------------------

    def next_time(self, now):
        r, u = self.rng, self.rng.random()
        if u < 0.05:
            return now
        if u < 0.13:  # about the end of an interval
            origin, length = timeutil.zone_origin(self.zone), r.choice(self.durations)
            end = origin + ((now - origin) // length + 1) * length
            return max(now, end + r.choice([-1, 0, 1])) if end - now < 20_000 else now + 1
        if u < 0.40 and self.times:  # a duration after an earlier event
            then = r.choice(self.times[-40:]) + r.choice(self.durations) + r.choice([-1, 0, 0, 1])
            if now <= then < now + 8000:
                return then
        if u > 0.985:  # calm
            return now + int(self.durations[4] * r.uniform(0.5, 1.6))
        return now + int(r.expovariate(1 / 900))

    def lines(self, events):
        """In order of arrival."""
        r, arrivals, now = self.rng, [], self.midnight - events * 700
        for i in range(events):
            now = self.next_time(now)
            self.times.append(now)
            arrival, time = now + r.randrange(self.disorder + 1), now
            if r.random() < self.late:
                time = self.late_time(now)
                arrival = now
            event = self.event(i, time)
            arrivals.append((arrival, len(arrivals), event))
            if r.random() < 0.03:
                arrivals.append((arrival + r.randrange(9000), len(arrivals), event))
        return [json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
                for _, _, event in sorted(arrivals, key=lambda item: item[:2])]

    def late_time(self, now):
        r = self.rng
        if r.random() < 0.6:  # as far behind the watermark as a window is long, or about it
            return now - self.out_of_orderness - r.choice(self.durations) + r.choice([-2, -1, 0, 1])
        return now - r.randrange(self.allowed_lateness + 3000)

    # Data ---------------------------------------------------------------------------------------

    def pick(self, values):
        """The first ones more often."""
        return values[min(int(self.rng.expovariate(1) * len(values) / 2), len(values) - 1)]

    def event(self, i, time):
        r = self.rng
        event_type = r.choices(["r.a", "r.b", "r.c"], [45, 30, 25])[0]
        data = {"k": self.pick(KEYS), "n": r.randrange(6), "s": self.pick(WORDS)}
        data["x"] = r.choice([1, 2.5, 0.1, 0.2, round(r.lognormvariate(0.5, 1), 2), 1e16, -1e16])
        if event_type != "r.c":
            data["area"] = self.pick(AREAS)
        if event_type != "r.b":
            data["ok"] = r.random() < 0.6
        if event_type == "r.a":
            self.serial += 1
            data["serial"] = self.serial
            data["lat"] = round(34.575 + r.random() * 0.011, 5)
            data["lon"] = round(105.7 + r.random() * 0.02, 5)
            data["near"] = r.sample(KEYS, r.randrange(4))
        if event_type == "r.b":
            # One of the newest, or one about as old as the oldest of 64 partial matches.
            back = r.choice([0, 0, 1, 2, 3, 61, 62, 63, 64, 65, 66])
            data["serial"] = self.serial - back
            data["ref"] = {"code": self.pick(KEYS), "z": r.randrange(3)}
        for name in [name for name in data if r.random() < 0.04]:
            del data[name]
        return {"specversion": "1.0", "id": f"e{i}", "source": r.choice(["s/1", "s/2"]),
                "type": event_type, "time": timeutil.format_time(time), "data": data}
