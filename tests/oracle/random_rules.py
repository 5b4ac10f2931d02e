"""The rules of a random pack, slot by slot: each slot is a kind of rule, drawn from the seed."""
import random

import time_text

ALWAYS = ["alerts"]
OFTEN = ["alone", "sliding", "tumbling", "count", "session", "close_tumbling", "close_hopping",
         "close_session", "baseline", "close_baseline", "sequence", "absent_middle", "absent_end",
         "seen", "alert_sequence"]
SELDOM = ["shadow", "ungrouped", "cap"]
OVER_ALERTS = {"alerts", "alert_sequence"}
GRADES = ["blue", "yellow", "orange", "red"]
PERCENTS = ["0", "5", "25", "33.3", "50", "50", "66.7", "90", "99.9", "100"]


def slots_of(seed):
    rng = random.Random(f"slots {seed}")
    return (ALWAYS + [slot for slot in OFTEN if rng.random() < 0.7]
            + [slot for slot in SELDOM if rng.random() < 0.4])


def draw(world, seed, slot, attempt):
    return Draw(world, random.Random(f"{seed} {slot} {attempt}")).rule(slot, seed)


def name_of(by):
    """The group's name, of a `by` of one."""
    return by if isinstance(by, str) else list(by)[0]


class Draw:
    def __init__(self, world, rng):
        self.world, self.rng = world, rng
        self.short, self.small, self.middle, self.long, self.longest = world.durations

    def chance(self, share):
        return self.rng.random() < share

    def length(self, *durations):
        return f"{self.rng.choice(durations)}ms"

    def rule(self, slot, seed):
        letter = random.Random(f"letter {seed} {slot}").choice("abcdwxyz")
        spec = {"id": f"{letter}-{slot.replace('_', '-')}"}
        make = getattr(self, slot)
        make(spec)
        if self.chance(0.4):
            spec["labels"] = {"department": self.rng.choice(["fire", "police"])}
        if slot not in OVER_ALERTS and self.chance(0.4):
            spec["except"] = self.exceptions()
        if slot not in OVER_ALERTS and "sequence" not in spec and self.chance(0.25):
            spec["order"] = "time"
        spec["purpose"] = {"use": "测试", "basis": "随机", "retain": "30d"}
        return spec

    # What counts --------------------------------------------------------------------------------

    def sources(self, spec, types=("r.a", "r.b", "r.c")):
        """`from`, `when` and `by`, in one of their forms."""
        r, u = self.rng, self.rng.random()
        if u < 0.55:
            spec["from"] = r.choice(types)
        elif u < 0.75 or len(types) < 2:
            spec["from"] = list(types[:2])
        else:
            spec["from"] = {types[0]: {}, types[1]: {"when": "n >= 1"}}
            if types[1] == "r.b":
                spec["from"]["r.b"]["by"] = "ref.code"
        when = r.choice([None, None, None, "n > 0", "s != 'd'", "hot", "has(x) && x > 0.15",
                         "!(s in lists.calm) || hot", "event.source == 's/1' || n >= 1"])
        if when is not None:
            spec["when"] = when
        spec["by"] = r.choice(["k", ["k"], {"who": "k"}, {"who": "s + k.substring(0, 0)"}])
        if isinstance(spec["from"], str) and self.chance(0.15):
            spec["by"] = {"who": "k", "even": "n % 2 == 0"}

    def exceptions(self):
        r, found = self.rng, []
        for name, when in [("one", "s == 'e'"), ("two", "cold && n == 2"), ("three", "x > 1e15")]:
            if self.chance(0.5):
                entry = {"name": name, "when": when, "owner": "o", "reason": "t"}
                until = r.choice(["never", "day", "event", "event"])
                if until == "day":
                    entry["until"] = str(self.world.last_day)
                if until == "event":
                    entry["until"] = time_text.format_time(self.time_of(name) + r.choice([0, 0, 1]))
                found.append(entry)
        return found or [{"name": "none", "when": "n > 99", "owner": "o", "reason": "t"}]

    def time_of(self, name):
        """The time of an event that the exception is about."""
        is_one = {"one": lambda data: data.get("s") == "e", "two": lambda data: data.get("n") == 2,
                  "three": lambda data: data.get("x", 0) > 1e15}[name]
        times = [time for time, data in self.world.events if is_one(data)]
        return self.rng.choice(times or [self.world.midnight])

    # What comes of it ---------------------------------------------------------------------------

    def quiet(self, spec, *durations):
        """Left out, 0, or one of the durations. Without a flush no clear comes after an hour."""
        if self.chance(0.1):
            spec["quiet"] = 0
        elif self.chance(0.6) or not self.world.flush:
            spec["quiet"] = self.length(*durations)

    def lets(self, spec, spread=True):
        """`many` and some more aggregates; plain CEL over them."""
        r, lets = self.rng, {"many": "count()"}
        where = r.choice(["", "", ", n > 1", ", hot", ", s != 'a'", ", x > 0.5"])
        pool = {"total": f"sum(n{where})", "x": f"sum(x{where})", "mean": f"avg(x{where})",
                "least": f"min(x{where})", "most": f"max(s{where})", "kinds": f"distinct(s{where})",
                "about": f"approx_distinct(n{where})", "dev": f"stddev(n{where})",
                "rank": f"percentile(x, {r.choice(PERCENTS)}{where})",
                "ranked": f"percentile(s, {r.choice(PERCENTS)})",
                "best": f"top(s, {r.randrange(1, 4)}{where})", "one": f"first(n{where})",
                "other": f"last(s{where})", "since": "min(event.time)", "hots": "count(hot)"}
        if spec.get("from") == "r.a":
            pool["fast"] = f"speed(lat, lon, {r.choice(['0', '300', '900.5'])}{where})"
        for name in r.sample(sorted(pool), r.randrange(2, 6) if spread else 1):
            lets[name] = pool[name]
        if self.chance(0.3):
            lets["twice"] = "many * 2"
        if self.chance(0.2) and "one" in lets:
            lets["sum_of"] = "one + many"
        spec["let"] = lets

    def grade(self, spec, name="many", least=1, step=1):
        """Three grades over a count, or two, or one."""
        r, low = self.rng, least
        if self.chance(0.1):
            spec["grade"] = {r.choice(GRADES): f"{name} >= {low}"}
            return
        high = f"{name} >= {low + step}"
        if self.chance(0.3):
            high += r.choice([" && n >= 1", " || s == 'c'", " && s != 'b'"])
        spec["grade"] = {"red": f"{name} >= {low + 2 * step}", "orange": high,
                         "yellow": f"{name} >= {low}"}
        if self.chance(0.3):
            del spec["grade"]["red"]
        if self.chance(0.6):
            spec["message"] = f"{{{name}}} {{s}} {{{{{{event.id}}}}}} {{n / 0}}"

    # Windows evaluated at each event ------------------------------------------------------------

    def alone(self, spec):
        self.sources(spec)
        spec["quiet"] = self.length(self.small, self.middle)
        spec["let"] = {"double_n": "n * 2", "half": "x / 2", "word": "s + '!'"}
        self.grade(spec, "n", self.rng.choice([2, 3]))

    def sliding(self, spec):
        self.sources(spec)
        spec["window"] = {"sliding": self.length(self.small, self.middle, self.long)}
        self.lets(spec)
        self.quiet(spec, self.short, self.small)
        self.grade(spec, least=self.rng.choice([1, 2, 2, 3]))

    def tumbling(self, spec):
        self.sources(spec)
        spec["window"] = {"tumbling": self.length(self.small, self.middle, self.long)}
        self.lets(spec)
        self.quiet(spec, self.short, self.small)
        self.grade(spec, least=self.rng.choice([1, 2]))

    def count(self, spec):
        self.sources(spec)
        spec["window"] = {"count": self.rng.randrange(2, 6)}
        if self.chance(0.75):
            spec["window"]["within"] = self.length(self.small, self.middle, self.long)
        self.lets(spec)
        self.quiet(spec, self.short, self.small, self.middle)
        if self.chance(0.5):
            self.grade(spec, least=1)
        else:
            spec["let"]["total"] = "sum(n)"
            self.grade(spec, "total", 3, 2)

    def session(self, spec):
        self.sources(spec)
        spec["window"] = self.session_window()
        self.lets(spec)
        self.quiet(spec, self.short, self.small)
        self.grade(spec, least=self.rng.choice([1, 2]))

    def session_window(self):
        window = {"session": self.length(self.short, self.small)}
        if self.chance(0.6):
            window["max"] = self.length(self.small, self.middle, self.long)
        return window

    def ungrouped(self, spec):
        """ "Without `by` every event is a group of its own" """
        self.sources(spec)
        del spec["by"]
        if not isinstance(spec["from"], str):
            spec["from"] = "r.b"
        spec["window"] = {"sliding": self.length(self.middle)}
        if self.chance(0.7):
            spec["quiet"] = self.length(self.short, self.small)
        self.lets(spec)
        spec["grade"] = {"orange": "many > 1", "yellow": "n >= 2"}

    # Windows evaluated at their end -------------------------------------------------------------

    def close_tumbling(self, spec):
        self.sources(spec)
        spec["window"] = {"tumbling": self.length(self.short, self.small, self.middle)}
        self.at_close(spec)

    def close_hopping(self, spec):
        self.sources(spec)
        length, every = self.rng.sample([self.short, self.small, self.middle], 2)
        if self.chance(0.7):
            length, every = max(length, every), min(length, every)
        if self.chance(0.3):
            length = 3 * every
        spec["window"] = {"hopping": f"{length}ms", "every": f"{every}ms"}
        self.at_close(spec)

    def close_session(self, spec):
        self.sources(spec)
        spec["window"] = self.session_window()
        self.at_close(spec)
        spec["quiet"] = self.length(self.middle, self.long, self.longest)

    def at_close(self, spec):
        spec["emit"] = "close"
        self.lets(spec)
        # Longer than the window, or no hit ever finds an episode open.
        if self.chance(0.1):
            spec["quiet"] = 0
        elif self.chance(0.8):
            spec["quiet"] = self.length(self.small + self.short, self.middle, self.long)
        self.grade(spec, least=self.rng.choice([1, 1, 2]))

    # Baselines ----------------------------------------------------------------------------------

    def baseline(self, spec):
        self.with_baseline(spec, [self.small, self.middle])
        self.quiet(spec, self.short, self.small)

    def close_baseline(self, spec):
        self.with_baseline(spec, [self.short, self.small])
        spec["emit"] = "close"
        spec["quiet"] = self.length(self.middle, self.long)

    def with_baseline(self, spec, lengths):
        r, length = self.rng, self.rng.choice(lengths)
        self.sources(spec)
        if spec["from"] == "r.a" and self.chance(0.4):
            spec["seen_by"] = {name_of(spec["by"]): "near"}
        spec["window"] = {"tumbling": f"{length}ms"}
        of = r.choice(["count()", "sum(n)", "avg(n)", "distinct(s)", "max(n)", "stddev(n)",
                       "percentile(x, 50)", "sum(x)", "count(hot)", "min(n, hot)"])
        spec["baseline"] = {"of": "of", "every": f"{length * r.choice([1, 1, 2, 3])}ms",
                            "keep": r.randrange(1, 6)}
        spec["let"] = {"many": "count()", "of": of, "usual": "baseline.mean",
                       "spread": "baseline.stddev", "samples": "baseline.samples"}
        spec["grade"] = {
            "red": "many >= 2 && double(of) > baseline.mean + baseline.stddev",
            "orange": f"many >= 2 && baseline.samples >= {r.randrange(1, 3)}",
            "yellow": "many >= 1"}
        spec["message"] = "{of} {baseline.samples}"

    # Groups that see each other's events --------------------------------------------------------

    def seen(self, spec):
        r, u = self.rng, self.rng.random()
        spec["from"] = "r.a"
        if self.chance(0.5):
            spec["by"], spec["seen_by"] = {"who": "k"}, {"who": "near"}
        elif self.chance(0.5):
            spec["by"] = {"cell": "geohash(lat, lon, 6)"}
            spec["seen_by"] = {"cell": "neighbours(geohash(lat, lon, 6))"}
        else:
            spec["by"], spec["seen_by"] = ["k", "ok"], {"k": "near", "ok": "[ok, !ok]"}
        if spec["by"] == {"who": "k"} and self.chance(0.3):
            spec["from"] = {"r.a": {"seen_by": spec.pop("seen_by")}, "r.b": {"by": "ref.code"}}
        self.lets(spec)
        self.quiet(spec, self.small, self.middle)
        self.grade(spec, least=2, step=r.choice([1, 2]))
        if u < 0.3:
            spec["window"] = {"sliding": self.length(self.small, self.middle)}
        elif u < 0.45:
            spec["window"] = {"session": self.length(self.short)}
        elif u < 0.6:
            spec["window"] = {"count": 4, "within": self.length(self.middle)}
        else:
            spec["window"] = r.choice([{"tumbling": self.length(self.small)},
                                       {"session": self.length(self.short)},
                                       {"hopping": f"{2 * self.small}ms",
                                        "every": f"{self.small}ms"}])
            spec["emit"] = "close"
            spec["quiet"] = self.length(self.middle, self.long)

    # Sequences ----------------------------------------------------------------------------------

    def steps(self, spec, steps, *within):
        spec["sequence"] = {"within": self.length(*within), "steps": steps}
        self.quiet(spec, self.middle, self.long, self.longest)

    def step(self, event_type, name=None, when=None, times=None, absent=False):
        found = {"absent": True} if absent else {}
        if name:
            found["as"] = name
        found.update({"from": event_type, "by": "k"})
        if event_type == "r.b" and self.chance(0.15):
            found["by"] = "ref.code"
        if when:
            found["when"] = when
        if times:
            found["times"] = times
        return found

    def graded_sequence(self, spec, name):
        spec["let"] = {"size": f"{name}.n", "word": f"{name}.s + '.'", "more": "size * 2"}
        spec["grade"] = {"red": "size >= 4 || n == 5", "orange": "size >= 2", "yellow": "size >= 0"}
        if self.chance(0.5):
            spec["message"] = f"{{{name}.k}} {{{name}.x * 2}} {{event.id}} {{size}}"

    def sequence(self, spec):
        r = self.rng
        second = r.choice([None, "n >= one.n", "s != one.s", "hot", "has(one.x) && x != one.x",
                           "n > one.x - 1"])
        steps = [self.step("r.a", "one", r.choice([None, "n < 5", "hot"]),
                           r.choice([None, None, 2])),
                 self.step(r.choice(["r.b", "r.b", "r.a"]), "two", second, r.choice([None, 2]))]
        if self.chance(0.4):
            steps.append(self.step("r.c", "three", r.choice([None, "n != two.n", "n >= one.n"])))
        self.steps(spec, steps, self.middle, self.long)
        self.graded_sequence(spec, r.choice(["one", "two"]))

    def absent_middle(self, spec):
        r = self.rng
        kills = r.choice([None, "n == one.n", "hot", "s == 'b'"])
        steps = [self.step("r.a", "one", None, r.choice([None, None, 2])),
                 self.step(r.choice(["r.c", "r.c", "r.a"]), None, kills or "n > 3", None, True),
                 self.step("r.b", "two", r.choice([None, "n != one.n"]), r.choice([None, None, 2]))]
        if self.chance(0.2):
            steps.append(self.step("r.c", None, "n == 1 || n == two.n", None, True))
        self.steps(spec, steps, self.middle, self.long)
        self.graded_sequence(spec, "one")

    def absent_end(self, spec):
        r = self.rng
        kills = r.choice(["n == one.n", "s == 'b'", "n >= 4", "cold"])
        steps = [self.step("r.a", "one", r.choice([None, "hot"]), r.choice([None, None, 2]))]
        if self.chance(0.3):
            steps.append(self.step("r.b", "two", "n >= one.n || hot"))
        steps.append(self.step(r.choice(["r.b", "r.c", "r.a"]), None, kills, None, True))
        self.steps(spec, steps, self.small, self.middle)
        self.graded_sequence(spec, "one")

    def cap(self, spec):
        """More than 64 partial matches in one group, with events for about the 64th oldest."""
        one = {"as": "one", "from": "r.a", "by": {"all": "'x'"}}
        other = {"from": "r.b", "by": {"all": "'x'"}, "when": "serial == one.serial"}
        if self.chance(0.4):
            other = {"absent": True, **other}
        spec["sequence"] = {"within": "8m" if "absent" in other else "1h", "steps": [one, other]}
        spec["quiet"] = self.length(self.middle, self.long)
        spec["let"] = {"which": "one.serial"}
        spec["grade"] = {"red": "one.n >= 3", "yellow": "which > 0"}

    # Over alerts, and in shadow -----------------------------------------------------------------

    def alerts(self, spec):
        r = self.rng
        spec["from"] = "alert"
        spec["by"] = r.choice(["area", "rule", "grade", "department", {"all": "'x'"},
                               {"who": "group.who"}, ["area", "kind"]])
        if self.chance(0.4):
            spec["when"] = r.choice(["kind == 'open'", "grade != 'yellow'", "rule.contains('o')",
                                     "has(department) || kind == 'raise'", "'who' in group"])
        spec["let"] = {"many": "count()", "rules": "distinct(rule)",
                       "reds": "count(grade == 'red')",
                       "at": "last(event.time)", "which": "last(event.id)"}
        spec["window"] = r.choice([
            {"sliding": self.length(self.short, self.small)},
            {"tumbling": self.length(self.small, self.middle)},
            {"session": self.length(self.short)}, {"count": 4, "within": self.length(self.small)},
            {"hopping": f"{2 * self.short}ms", "every": f"{self.short}ms"}])
        self.quiet(spec, self.short, self.small)
        if "hopping" in spec["window"] or ("count" not in spec["window"]
                                           and "sliding" not in spec["window"]
                                           and self.chance(0.5)):
            spec["emit"] = "close"
            spec["quiet"] = self.length(self.small, self.middle)
        low = r.randrange(1, 4)
        spec["grade"] = {"red": f"many >= {low + 2}", "orange": f"many >= {low + 1} || reds > 1",
                         "yellow": f"many >= {low}"}
        spec["message"] = "{rule} {kind} {many} {group}"
        self.other_alerts(spec)

    def other_alerts(self, spec):
        """Now and then with a baseline, without a window, or without groups."""
        if "tumbling" in spec["window"] and self.chance(0.4):
            every = spec["window"]["tumbling"]
            spec["baseline"] = {"of": "many", "every": every, "keep": self.rng.randrange(1, 4)}
            spec["let"].update(usual="baseline.mean", samples="baseline.samples")
            spec.setdefault("quiet", self.length(self.small))
        elif "sliding" in spec["window"] and self.chance(0.5):
            del spec["window"]
            spec["let"] = {"text": "rule + grade"}
            spec["quiet"] = self.length(self.short, self.small)
            spec["grade"] = {"red": "grade == 'red'", "orange": "grade == 'orange'",
                             "yellow": "kind == 'open'"}
            spec["message"] = "{text} {department}"
            if self.chance(0.3):
                del spec["by"]

    def alert_sequence(self, spec):
        r = self.rng
        by = r.choice(["area", {"all": "'x'"}, "department"])
        second = r.choice(["rule != one.rule", "kind == 'raise' && rule == one.rule",
                           "grade == one.grade"])
        steps = [{"as": "one", "from": "alert", "by": by, "when": r.choice(["grade != 'blue'",
                                                                            "kind == 'open'"])},
                 {"as": "two", "from": "alert", "by": by, "when": second}]
        if self.chance(0.4):
            steps[1] = {"absent": True, "from": "alert", "by": by, "when": second}
        self.steps(spec, steps, self.short, self.small)
        spec["quiet"] = self.length(self.short, self.small)
        spec["let"] = {"first_rule": "one.rule"}
        spec["grade"] = {"red": "one.grade == 'red'", "orange": "grade == 'orange'",
                         "yellow": "has(one.kind)"}

    def shadow(self, spec):
        make = self.rng.choice([self.sliding, self.close_session, self.sequence, self.absent_end])
        make(spec)
        spec["mode"] = "shadow"
