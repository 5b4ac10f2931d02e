"""Seeded events for random packs: dense, disordered, and on the boundaries of the pack's durations.

A world is drawn from a seed: a timezone, five durations from which every window, gap, quiet and
`within` of the pack is taken, the settings of the replay, and the events. About half of these are a
crowd with few keys. The others are scenes: a fresh key each, whose events lie exactly such a
duration apart, or on the ends of such intervals, or a millisecond to either side; so nothing else
stands between a rule and its boundary. Late events come as far behind the watermark.
"""
import datetime
import json
import random
import zoneinfo

import time_text

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
        self.serial, self.open_serials = 0, []
        self.midnight = self.some_midnight()
        self.events = []
        self.content = b"".join(line + b"\n" for line in self.lines(events))

    def some_midnight(self):
        """A midnight of the timezone, about which the events lie: dates in `until` end there."""
        day = datetime.date(2026, 3, 1) + datetime.timedelta(days=self.rng.randrange(14))
        at = datetime.datetime(day.year, day.month, day.day, tzinfo=zoneinfo.ZoneInfo(self.zone))
        self.last_day = day - datetime.timedelta(days=1)
        return round((at - time_text.EPOCH) / datetime.timedelta(milliseconds=1))

    def replay_options(self):
        return (f"--out-of-orderness {self.out_of_orderness}ms "
                f"--allowed-lateness {self.allowed_lateness}ms{' --flush' if self.flush else ''}")

    def about(self, *durations):
        """A duration, or a millisecond to either side."""
        return self.rng.choice(durations or self.durations) + self.rng.choice([-1, 0, 0, 1, 1])

    # Times --------------------------------------------------------------------------------------

    def lines(self, events):
        """The file's lines, in order of arrival."""
        r, planned = self.rng, self.crowd(events // 2)
        first, last = planned[0][0], planned[-1][0]
        while len(planned) < events:
            planned += self.scene(f"P{len(planned)}", r.randrange(first, last))
        arrivals, newest = [], first
        for i, (time, fixed) in enumerate(sorted(planned, key=lambda item: item[0])):
            arrival, fixed = time + r.randrange(self.disorder + 1), dict(fixed)
            if r.random() < self.late:
                arrival, time = self.delayed(time, newest, "k" in fixed)
            else:
                newest = time
            event = self.event(i, time, fixed)
            self.events.append((time, event["data"]))
            arrivals.append((arrival, len(arrivals), event))
            if r.random() < 0.03:
                arrivals.append((arrival + r.randrange(9000), len(arrivals), event))
        return [json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
                for _, _, event in sorted(arrivals, key=lambda item: item[:2])]

    def delayed(self, time, newest, is_scene):
        """(arrival, time) of a late event. A scene's keeps its time; another's time is as far
        behind the watermark, which `newest` has brought, as a window is long, or as lateness
        goes, or about it."""
        r = self.rng
        if is_scene:
            return time + self.out_of_orderness + r.randrange(self.allowed_lateness + 1), time
        back = r.choice([r.choice(self.durations), self.allowed_lateness,
                         r.randrange(self.allowed_lateness + 3000)])
        return time, newest - self.out_of_orderness - back + r.choice([-2, -1, 0, 1])

    def crowd(self, events):
        """Times of events of any type and key: mostly within seconds, sometimes together, on the
        end of an interval, or after a calm."""
        r, planned, now = self.rng, [], self.midnight - events * 1400
        for _ in range(events):
            u = r.random()
            if 0.05 <= u < 0.12:
                now = max(now, self.end_of_interval(now) + r.choice([-1, 0, 1]))
            elif u > 0.97:
                now += int(self.durations[4] * r.uniform(0.5, 1.6))
            elif u >= 0.12:
                now += int(r.expovariate(1 / 1300))
            planned.append((now, {}))
        return planned

    def end_of_interval(self, now):
        length, origin = self.rng.choice(self.durations[:3]), time_text.zone_origin(self.zone)
        return origin + ((now - origin) // length + 1) * length

    def scene(self, key, start):
        """[(time, fields)] of one key."""
        r = self.rng
        if r.random() < 0.3:
            start = self.end_of_interval(start) + r.choice([-1, 0, 1])
        scene = r.choice([self.pair, self.pair, self.triple, self.chain, self.steps, self.steps,
                          self.guarded, self.closed])
        same = {"n": r.choice([2, 3, 4, 5]), "s": r.choice("bc")} if r.random() < 0.5 else {}
        return [(time, {"k": key, "n": r.choice([2, 3, 4, 5]), "s": r.choice("bc"), **same,
                        **fixed}) for time, fixed in scene(start)]

    def pair(self, start):
        kind = self.rng.choice(["r.a", "r.a", "r.b", "r.c"])
        return [(start, {"type": kind}), (start + self.about(), {"type": kind})]

    def triple(self, start):
        second = start + self.about()
        kind = self.rng.choice(["r.a", "r.b"])
        return [(at, {"type": kind}) for at in (start, second, second + self.about())]

    def chain(self, start):
        """A session about as long as it may be, and an event near its end."""
        r = self.rng
        gap, longest = r.choice(self.durations[:2]), r.choice(self.durations[1:4])
        times, kind = [start], r.choice(["r.a", "r.b", "r.c"])
        while times[-1] + gap < start + longest and len(times) < 9:
            times.append(times[-1] + r.choice([gap, gap - 1, int(gap * r.uniform(0.5, 1))]))
        times += [start + self.about(longest), times[-1] + self.about(gap)]
        return [(time, {"type": kind}) for time in times]

    def steps(self, start):
        """A step, sometimes what must not follow, and the next step at the last moment."""
        r = self.rng
        end = start + self.about()
        found = [(start, {"type": "r.a"})]
        if r.random() < 0.4:
            found.append((r.choice([start, r.randrange(start, end)]), {"type": "r.a"}))
        if r.random() < 0.5:
            found.append((r.choice([start, end, r.randrange(start, end)]),
                          {"type": r.choice(["r.c", "r.b"])}))
        if r.random() < 0.3:
            found.append((r.randrange(start, end), {"type": "r.b"}))
        return found + [(end, {"type": r.choice(["r.b", "r.b", "r.a", "r.c"])})]

    def guarded(self, start):
        """Two events of the third step, and between them what must not come before them."""
        r = self.rng
        end = start + self.about(*self.durations[:3])
        times = sorted(r.randrange(start, end) for _ in range(2))
        kinds = ["r.a", "r.b", r.choice(["r.c", "r.c", "r.a"]), "r.b"]
        return [(time, {"type": kind}) for time, kind in zip([start, *times, end], kinds)]

    def closed(self, start):
        """An event that brings the watermark to an interval's end, and one before that end which
        comes after it."""
        end, kind = self.end_of_interval(start), self.rng.choice(["r.a", "r.b", "r.c"])
        bringer = end + self.out_of_orderness
        return [(end - 2 - self.rng.randrange(1000), {"type": kind}),
                (bringer, {"type": kind}),
                (bringer, {"type": kind, "time": end - 1 - self.rng.randrange(1000)})]

    # Data ---------------------------------------------------------------------------------------

    def pick(self, values):
        """The first ones more often."""
        return values[min(int(self.rng.expovariate(1) * len(values) / 2), len(values) - 1)]

    def event(self, i, time, fixed):
        """`fixed` are the fields of a scene; "type" and "time" are the event's own."""
        r = self.rng
        event_type = fixed.pop("type", None) or r.choices(["r.a", "r.b", "r.c"], [45, 30, 25])[0]
        time = fixed.pop("time", time)
        data = {"k": self.pick(KEYS), "n": r.randrange(6), "s": self.pick(WORDS)}
        data["x"] = r.choice([1, 2.5, 0.1, 0.2, round(r.lognormvariate(0.5, 1), 2), 1e16, -1e16])
        if event_type != "r.c":
            data["area"] = self.pick(AREAS)
        if event_type != "r.b":
            data["ok"] = r.random() < 0.6
        if event_type == "r.a":
            self.serial += 1
            self.open_serials.append(self.serial)
            data["serial"] = self.serial
            data["lat"] = round(34.575 + r.random() * 0.011, 5)
            data["lon"] = round(105.7 + r.random() * 0.02, 5)
            data["near"] = r.sample(KEYS, r.randrange(4))
        if event_type == "r.b":
            data["serial"] = self.some_serial()
            data["ref"] = {"code": self.pick(KEYS), "z": r.randrange(3)}
        for name in [name for name in data if r.random() < 0.04]:
            del data[name]
        if "k" in fixed and "ref" in data:
            data["ref"]["code"] = fixed["k"]
        return {"specversion": "1.0", "id": f"e{i}", "source": r.choice(["s/1", "s/2"]),
                "type": event_type, "time": time_text.format_time(time), "data": {**data, **fixed}}

    def some_serial(self):
        """That of an r.a event which no r.b has named yet: about the 64th newest, if there are so
        many; seldom a new one; or that of none."""
        still = self.open_serials
        if len(still) > 66:
            place = self.rng.choice([62, 63, 64, 64, 65, 66])
        elif still and self.rng.random() < 0.1:
            place = 1
        else:
            return 0
        serial = still[-place]
        if place <= 64:
            still.remove(serial)
        return serial
