"""Time and the order of things (rules.md, "Time"): events, timers, and alerts as events."""
import heapq
import itertools
import math

import decode
import sequences
import windows

HOUR = 3_600_000
NEVER = -math.inf
FOREVER = math.inf


class Timer:
    def __init__(self, due, state, fire):
        self.due, self.state, self.fire = due, state, fire
        self.live = True


class Timers:
    """In the order in which they fire. One that is no longer `live` is passed over."""

    def __init__(self, wrong):
        self.heap, self.numbers, self.wrong = [], itertools.count(), wrong

    def set(self, due, state, group, fire, clears):
        """ "The order is (T, rules over alerts last, rule id, group, then ends of windows and
        absences before clears, each in the order in which they were set)" """
        timer = Timer(due, state, fire)
        last = state.rule.over_alerts and "alerts-not-last" not in self.wrong
        clears = clears != ("clears-first" in self.wrong)
        heapq.heappush(self.heap, (due, last, state.rule.id.encode(), group, clears,
                                   next(self.numbers), timer))
        return timer

    def pop(self, up_to):
        """The next timer due at T <= up_to, or None."""
        while self.heap and self.heap[0][0] <= up_to:
            timer = heapq.heappop(self.heap)[-1]
            if timer.live:
                timer.live = False
                return timer
        return None


class Engine:
    def __init__(self, pack, out_of_orderness=0, allowed_lateness=0, wrong=()):
        self.pack, self.wrong = pack, frozenset(wrong)
        self.out_of_orderness, self.allowed_lateness = out_of_orderness, allowed_lateness
        self.timers = Timers(self.wrong)
        states = [(sequences.SequenceState if rule.steps else windows.WindowState)(self, rule)
                  for rule in pack.rules if rule.mode != "disabled"]
        self.states = [state for state in states if not state.rule.over_alerts]
        self.alert_states = [state for state in states if state.rule.over_alerts]
        self.highest_seen = NEVER
        # `reached` is how far the watermark has come between the events that it lets go: it is the
        # time of the event or timer at hand, or (for a late event) the watermark.
        self.watermark = self.reached = NEVER
        self.remembered = {}  # (source, id) -> time of the event that brought it
        self.buffer = []
        self.alerts, self.alert_numbers = [], itertools.count()
        self.late_admitted = 0
        self.out = []

    # One record of the input ------------------------------------------------------------------

    def accept(self, event):
        """The outcome of a well-formed event: processed, duplicate or late."""
        if self.is_duplicate(event):
            return "duplicate"
        behind = self.watermark - event.time
        if behind > self.allowed_lateness - ("lateness-open" in self.wrong) and behind > 0:
            return "late"
        self.remembered[(event.source, event.id)] = event.time  # it passed all three checks
        self.highest_seen = max(self.highest_seen, event.time)
        if behind > 0:  # "within allowed_lateness it is processed at once, at its own time"
            self.late_admitted += 1
            self.process(event)
            # A timer "set for a time that the watermark has passed fires right after the late
            # event that set it, before the next event".
            self.fire_timers(self.watermark)
            return "processed"
        self.buffer.append(event)
        self.advance(self.highest_seen - self.out_of_orderness)
        return "processed"

    def is_duplicate(self, event):
        """A pair is kept until its partition has seen a time (this event's counts) more than the
        horizon past that of the event that brought it."""
        pair = (event.source, event.id)
        if pair not in self.remembered or "no-dedupe" in self.wrong:
            return False
        horizon = HOUR - ("horizon-less" in self.wrong)
        return max(self.highest_seen, event.time) - self.remembered[pair] <= horizon

    def advance(self, watermark):
        """Events leave the reorder buffer by (time, then arrival); timers fire between them."""
        self.watermark = max(self.watermark, watermark)
        ready = sorted((e for e in self.buffer if e.time <= self.watermark),
                       key=lambda e: e.order())
        self.buffer = [e for e in self.buffer if e.time > self.watermark]
        for event in ready:
            self.fire_timers(event.time)  # "every such timer due at T <= t fires"
            self.process(event)
        self.fire_timers(self.watermark)

    def finish(self, flush):
        """The watermark ends at the highest event time seen; --flush then takes it to infinity."""
        if self.highest_seen is not NEVER:
            self.advance(self.highest_seen)
        if flush:
            self.advance(FOREVER)

    # The order of things ----------------------------------------------------------------------

    def fire_timers(self, up_to):
        while (timer := self.timers.pop(up_to)) is not None:
            self.reached = max(self.reached, timer.due)
            timer.fire()
            self.take_records(timer.state)
            self.process_alerts()
        self.reached = max(self.reached, up_to)

    def process(self, event):
        for state in self.states:  # "For one event, records come in rule id order"
            state.offer(event)
            self.take_records(state)
        self.process_alerts()

    def take_records(self, state):
        if state.rule.mode == "live":
            self.out += state.records
        state.records = []

    # Alerts as events -------------------------------------------------------------------------

    def add_alert(self, rule, record, time):
        """ "Such a record is an event with source `fengsui` and id `alert:grade`" """
        fields = {"rule": rule.id, "grade": record["grade"], "kind": record["kind"],
                  "area": record["area"], "department": rule.labels.get("department"),
                  "group": {name: value for name, value in record["group"].items()
                            if name not in rule.identity_names}}
        data = {name: value for name, value in fields.items() if value is not None}
        self.alerts.append(decode.Event(f"{record['alert']}:{record['grade']}", "fengsui", "alert",
                                        time, data, next(self.alert_numbers)))

    def process_alerts(self):
        """ "These rules come after all others for the same event (or timer)" """
        while self.alerts:
            alert = self.alerts.pop(0)
            for state in self.alert_states:
                state.offer(alert)
                self.take_records(state)
