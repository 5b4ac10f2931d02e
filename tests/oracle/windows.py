"""Windows: which events each covers, found anew each time among all of the group's events."""
import bisect

import aggregates
import celenv
import episodes
import time_text


def order_of(event):
    return event.order()


class WindowState(episodes.RuleState):
    """A rule over single events or over windows: its events by group, or its sessions."""

    def __init__(self, engine, rule):
        super().__init__(engine, rule)
        self.groups = {}

    def offer(self, event):
        source = self.rule.sources.get(event.type)
        if source is None or not self.counts(event, source):
            return
        group = self.group_of(source, event)
        if group is None:
            return
        held = self.group_state(group)
        taken, left_out = held.put(event)
        if taken and self.rule.emit == "event":
            start = held.start_of(event)
            self.evaluate(group, event.time, held.covered(event), None, held.names(start))
        for other in self.seen_groups(source, group, event):
            left_out |= self.group_state(other).put(event)[1]
            if "seen-evaluated" in self.wrong and taken and self.rule.emit == "event":
                held = self.group_state(other)
                self.evaluate(other, event.time, held.covered(event), None,
                              held.names(held.start_of(event)))
        self.late_left_out += left_out

    def seen_groups(self, source, group, event):
        """`seen_by`: the other groups that keep the event: every choice of a value of each name's
        list, the first name's slowest, the other names as in the event's own group."""
        if not source.seen_by:
            return []
        found = [group]
        for place, expr in source.seen_by:
            listed = [item for values in event.values(expr, self.rule.purpose)
                      if isinstance(values, list) for item in values]
            values = [v for v in map(episodes.group_value, listed) if v is not None]
            found = [g[:place] + (v,) + g[place + 1:] for g in found for v in values]
        return [g for g in dict.fromkeys(found) if g != group]  # each once, in order

    def group_state(self, group):
        if group not in self.groups:
            window = self.rule.window
            kind = Alone if window is None else {
                "sliding": Sliding, "count": Count, "session": Sessions}.get(window.kind, Intervals)
            self.groups[group] = kind(self, group)
        return self.groups[group]


class Held:
    """What one group holds of one rule; each kind of window says what it covers."""

    def __init__(self, state, group):
        self.state, self.group, self.wrong = state, group, state.wrong
        self.rule, self.engine = state.rule, state.engine
        self.events = []  # in order of (time, then arrival)

    def put(self, event):
        """(whether a window took it, whether a closed one left it out)"""
        bisect.insort(self.events, event, key=order_of)
        return True, False

    def start_of(self, event):
        """The start of a tumbling window, for its baseline."""
        return None

    def names(self, start):
        """The values of names other than `let`'s: none, but for a baseline."""
        return {}

    def between(self, first, last):
        """The events of these times, both ends included."""
        return [e for e in self.events if first <= e.time <= last]


class Alone(Held):
    """ "Without it, the event alone" """

    def put(self, event):
        return True, False

    def covered(self, event):
        return [event]


class Sliding(Held):
    """ "The group's events in (t-W, t]" """

    def covered(self, event):
        after = event.time - self.rule.window.length
        after += ("sliding-short" in self.wrong) - ("sliding-closed" in self.wrong)
        return self.between(after + 1, event.time)


class Count(Held):
    """ "The last N of the group's events up to t, those at t-W or before left out" """

    def covered(self, event):
        window = self.rule.window
        after = event.time - window.length - ("count-within-closed" in self.wrong)
        number = window.number + ("count-one-more" in self.wrong) - ("count-one-less" in self.wrong)
        return self.between(after + 1, event.time)[-number:] if number else []


class Intervals(Held):
    """Tumbling and hopping: intervals [s, s+W), s a multiple of the step from the pack's midnight.

    One that closes is evaluated at its end (`emit: close`), or remembered (`baseline`).
    """

    def __init__(self, state, group):
        super().__init__(state, group)
        window = self.rule.window
        self.step = window.every or window.length
        self.origin = 0 if "tumbling-utc" in self.wrong else self.rule.pack.zone_origin
        self.closes = self.rule.emit == "close" or self.rule.baseline is not None
        self.starts = set()  # of the windows that have an event

    def starts_of(self, time):
        """Of the intervals that hold `time`."""
        length = self.rule.window.length
        late = ("interval-end" in self.wrong or
                ("hopping-start" in self.wrong and self.rule.window.kind == "hopping"))
        last = (time - late - self.origin) // self.step * self.step + self.origin
        early = "hopping-end" in self.wrong and self.rule.window.kind == "hopping"
        return [s for s in range(last, time - length + early, -self.step) if s <= time]

    def put(self, event):
        starts = self.starts_of(event.time)
        still = [s for s in starts if not self.closes or not self.is_closed(s)]
        if still:
            super().put(event)
        for start in still:
            if start not in self.starts:
                self.starts.add(start)
                if self.rule.emit == "close":
                    self.state.set_timer(start + self.rule.window.length, self.group,
                                         lambda start=start: self.close(start))
        return bool(still), len(still) < len(starts)

    def is_closed(self, start):
        end = start + self.rule.window.length
        if "closed-late" in self.wrong:
            return self.engine.reached > end
        return self.engine.reached >= end

    def start_of(self, event):
        return self.starts_of(event.time)[0]

    def covered(self, event):
        return self.between(self.start_of(event), event.time)

    def whole(self, start):
        length = self.rule.window.length
        late = "interval-end" in self.wrong or (
            "hopping-start" in self.wrong and self.rule.window.kind == "hopping")
        return self.between(start + late, start + late + length - 1)

    def close(self, start):
        self.state.evaluate(self.group, start + self.rule.window.length, self.whole(start),
                            time_text.format_time(start), self.names(start))

    def names(self, start):
        """The baseline of the window that starts here."""
        baseline = self.rule.baseline
        if baseline is None:
            return {}
        samples = []
        keep = baseline.keep + ("baseline-keep" in self.wrong)
        every = self.rule.window.length if "baseline-every" in self.wrong else baseline.every
        for back in range(0 if "baseline-own" in self.wrong else 1, keep + 1):
            samples += self.sample(start - back * every)
        mean, stddev = (aggregates.mean, aggregates.deviation)
        return {"baseline": {"mean": mean(samples) if samples else 0.0,
                             "stddev": stddev(samples) if samples else 0.0,
                             "samples": len(samples)}}

    def sample(self, start):
        """[the value of `of`] over a window that has closed, or []."""
        # "Since the group's first": nothing before the window of its first event.
        if start < min(self.starts) and "baseline-before" not in self.wrong:
            return []
        of = dict(self.rule.lets)[self.rule.baseline.of]
        events = self.whole(start)
        if not events:  # "counts as 0 (for count, distinct, sum) and is no sample for the others"
            zero = of.name in aggregates.ZERO_OVER_NOTHING and "baseline-zero" not in self.wrong
            return [0] if zero else []
        try:
            value = aggregates.aggregate(of, events, self.rule.purpose, self.wrong)
        except celenv.CelError:  # "neither is one where `n` errs"
            return []
        return [value] if aggregates.is_number(value) else []


class Session:
    def __init__(self, event):
        self.events = [event]
        self.timer = None

    def first(self):
        return self.events[0].time

    def last(self):
        return self.events[-1].time

    def add(self, events):
        self.events = sorted(self.events + events, key=order_of)


class Sessions(Held):
    """Sets of events, at most `gap` apart and no longer than `longest`; in order of their first."""

    def __init__(self, state, group):
        super().__init__(state, group)
        self.sessions = []
        self.gap = self.rule.window.length + ("session-gap-more" in self.wrong)
        self.gap -= "session-gap-less" in self.wrong
        self.longest = self.rule.window.longest + ("session-max-more" in self.wrong)
        self.longest -= "session-max-less" in self.wrong

    def due(self, last):
        """ "For a session at last event + G + 1 ms" """
        off = ("session-timer-late" in self.wrong) - ("session-timer-early" in self.wrong)
        return last + self.rule.window.length + 1 + off

    def put(self, event):
        session = next((s for s in self.sessions
                        if self.is_open(s) and self.takes(s, event.time)), None)
        if session is None:
            # "If none takes it, it starts its own; with emit: close, if t + G + 1 ms has been
            # reached by the watermark, it is left out instead"
            closes = self.rule.emit == "close"
            if closes and self.engine.reached >= self.due(event.time):
                return False, True
            session = Session(event)
            self.sessions.append(session)
        else:
            session.add([event])
        self.sessions.sort(key=Session.first)
        self.join_next(session)
        self.move_timer(session)
        return True, False

    def is_open(self, session):
        """ "Closed once the watermark has reached its end": the timer may still be to come, where
        an alert of that timer's time is handed to a rule over alerts before it."""
        return self.rule.emit != "close" or self.engine.reached < self.due(session.last())

    def takes(self, session, time):
        length = max(session.last(), time) - min(session.first(), time)
        return (session.first() - self.gap <= time <= session.last() + self.gap
                and length <= self.longest)

    def join_next(self, session):
        """ "If that session and the next are then at most G apart and together no longer than M,
        they become one" """
        following = [s for s in self.sessions[self.sessions.index(session) + 1:]
                     if self.is_open(s)]
        if not following or "session-no-merge" in self.wrong:
            return
        other = following[0]
        together = max(session.last(), other.last()) - session.first()
        if other.first() - session.last() <= self.gap and together <= self.longest:
            session.add(other.events)
            self.sessions.remove(other)
            if other.timer is not None:
                other.timer.live = False

    def move_timer(self, session):
        due = self.due(session.last())
        if self.rule.emit != "close" or (session.timer and session.timer.due == due):
            return
        if session.timer is not None:
            session.timer.live = False
        session.timer = self.state.set_timer(due, self.group, lambda: self.close(session))

    def covered(self, event):
        session = next(s for s in self.sessions if event in s.events)
        return [e for e in session.events if e.time <= event.time]

    def close(self, session):
        """ "A closed session is forgotten and takes or joins nothing" """
        self.sessions.remove(session)
        self.state.evaluate(self.group, session.last() + self.rule.window.length, session.events,
                            time_text.format_time(session.first()), {})
