"""Sequences: partial matches of each group (rules.md, "Sequences")."""
import episodes

PARTIAL_MATCHES_MAX = 64


class Match:
    """Its events, in order: the i-th fills the i-th of the rule's places."""

    def __init__(self, events):
        self.events = events
        self.timer = None  # of one that waits for its last step's absence

    def first(self):
        return self.events[0].time

    def last(self):
        return self.events[-1].time

    def age(self):
        """ "By its first event, then by its last" """
        return (self.events[0].order(), self.events[-1].order())


class SequenceState(episodes.RuleState):
    def __init__(self, engine, rule):
        super().__init__(engine, rule)
        self.steps, self.within = rule.steps, rule.within
        self.within += ("within-more" in self.wrong) - ("within-less" in self.wrong)
        # A step with `times: n` has n places in a row; an absent step has none.
        self.places = [i for i, step in enumerate(self.steps) if not step.absent
                       for _ in range(step.times)]
        self.matches = {}  # group -> partial matches

    def offer(self, event):
        if event.type not in self.rule.types or self.excepted(event):
            return
        # "An event whose steps name several groups is offered to each, in the order of the steps"
        groups = [self.group_of(step.source, event) for step in self.steps
                  if step.type == event.type]
        for group in dict.fromkeys(groups):
            if group is not None:
                self.offer_to(group, event)

    def offer_to(self, group, event):
        matches = self.matches.setdefault(group, [])
        # "A partial match is dropped when the watermark passes first + within"
        for match in matches[:]:
            if match.first() + self.within < self.engine.reached:
                self.drop(matches, match)
        if "start-first" in self.wrong and self.fits(0, group, event, []):
            self.start(matches, group, event)
        if "extend-first" in self.wrong:
            extended = self.extend(matches, group, event)
            self.kill(matches, group, event)
        else:
            self.kill(matches, group, event)
            extended = self.extend(matches, group, event)
        by_step_one = extended is not None and self.places[len(extended.events) - 1] == 0
        passed = self.engine.reached > event.time + self.within
        if "start-first" not in self.wrong and not by_step_one and not passed:
            if self.fits(0, group, event, []):
                self.start(matches, group, event)

    def drop(self, matches, match):
        matches.remove(match)
        if match.timer is not None:
            match.timer.live = False

    def fits(self, number, group, event, before):
        """Type, group and `when` of a step; `before` are the match's events so far."""
        step = self.steps[number]
        if step.type != event.type or self.group_of(step.source, event) != group:
            return False
        if step.source.when is None:
            return True
        names = self.names(before, number)
        if not step.source.when.reads:
            return event.holds(step.source.when, self.rule.purpose)
        return step.source.when.holds(event.view(self.rule.purpose), names)

    def names(self, events, before_step):
        """The data of named steps before this one; "a name with `times` stands for its last
        event"."""
        return {self.steps[place].name: event.view(self.rule.purpose)["data"]
                for place, event in zip(self.places, events)
                if place < before_step and self.steps[place].name}

    def in_time(self, match, event):
        """ "t is not before the match's last event, and t - first <= within" """
        earliest = match.last() + ("last-open" in self.wrong)
        return earliest <= event.time and event.time - match.first() <= self.within

    # 1. Kill ----------------------------------------------------------------------------------

    def kill(self, matches, group, event):
        for match in matches[:]:
            absent = self.next_absent(match)
            if (absent is not None and self.in_time(match, event)
                    and self.fits(absent, group, event, match.events)):
                self.drop(matches, match)

    def next_absent(self, match):
        """The number of the absent step that guards the match now, or None: it stands after the
        step that has just been filled and "up to the first event of the step after it"."""
        filled = len(match.events)
        step = self.places[filled - 1]
        if filled < len(self.places) and self.places[filled] == step:
            if "absent-guards-times" in self.wrong and step > 0 and self.steps[step - 1].absent:
                return step - 1
            return None  # amid its `times`
        is_guarded = step + 1 < len(self.steps) and self.steps[step + 1].absent
        return step + 1 if is_guarded else None

    # 2. Extend --------------------------------------------------------------------------------

    def extend(self, matches, group, event):
        """The newest that it fits, extended; or None."""
        newest_first = sorted(matches, key=Match.age, reverse="extend-oldest" not in self.wrong)
        for match in newest_first:
            filled = len(match.events)
            if (filled < len(self.places) and self.in_time(match, event)
                    and self.fits(self.places[filled], group, event, match.events)):
                match.events = match.events + [event]
                self.reached(matches, group, match)
                return match
        return None

    def reached(self, matches, group, match):
        """Whether its last present step is reached now: then it hits, or waits for an absence."""
        if len(match.events) < len(self.places):
            return
        if self.steps[-1].absent:
            off = ("absence-late" in self.wrong) - ("absence-early" in self.wrong)
            match.timer = self.set_timer(match.first() + self.within + 1 + off, group,
                                         lambda: self.absence(matches, group, match))
            return
        matches.remove(match)
        self.hit_of(group, match, match.last())

    def absence(self, matches, group, match):
        matches.remove(match)
        self.hit_of(group, match, match.first() + self.within)

    def hit_of(self, group, match, time):
        self.evaluate(group, time, match.events, None, self.names(match.events, len(self.steps)))

    # 3. Start ---------------------------------------------------------------------------------

    def start(self, matches, group, event):
        match = Match([event])
        matches.append(match)
        self.reached(matches, group, match)
        most = PARTIAL_MATCHES_MAX + ("cap-65" in self.wrong) - ("cap-63" in self.wrong)
        counted = [m for m in matches
                   if m.timer is None or "cap-not-waiting" not in self.wrong]
        if len(counted) > most:
            self.drop(matches, min(counted, key=Match.age))
