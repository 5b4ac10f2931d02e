"""Wrong variants of the oracle: off by one at each boundary, or out of order. Each must be noticed.

The name is looked for where the fault would be (`"sliding-closed" in self.wrong`). With each stand
the slots of random_rules.py whose rules it can touch (none: all), and what it does.
"""
SLIDING = "sliding ungrouped seen alerts"
INTERVALS = "tumbling close_tumbling close_hopping baseline close_baseline seen alerts"
HOPPING = "close_hopping"
SESSIONS = "session close_session seen"
CLOSING = "close_session absent_end"
SEQUENCES = "sequence absent_middle absent_end cap"
ABSENT = "absent_middle absent_end"
BASELINES = "baseline close_baseline"
WINDOWS = "sliding tumbling count session close_tumbling close_hopping close_session"
EXCEPTED = WINDOWS + " alone " + BASELINES + " " + SEQUENCES
ALL = ""

RANDOM = {
    "sliding-closed": (SLIDING, "[t-W, t]"),
    "sliding-short": (SLIDING, "(t-W+1, t]"),
    "tumbling-utc": (INTERVALS, "intervals counted from UTC's midnight"),
    "interval-end": (INTERVALS, "(s, s+W], tumbling and hopping"),
    "hopping-start": (HOPPING, "(s, s+W], hopping alone"),
    "hopping-end": (HOPPING, "[s, s+W-1), hopping alone"),
    "closed-late": (INTERVALS, "closed once the watermark is past the end, not at it"),
    "session-gap-less": (SESSIONS, "at most G - 1 apart"),
    "session-gap-more": (SESSIONS, "at most G + 1 apart"),
    "session-max-less": (SESSIONS, "at most M - 1 long"),
    "session-max-more": (SESSIONS, "at most M + 1 long"),
    "session-timer-early": (SESSIONS, "a session's timer at last + G"),
    "session-timer-late": (SESSIONS, "a session's timer at last + G + 2"),
    "session-no-merge": (SESSIONS, "sessions never become one"),
    "count-one-less": ("count", "the last N - 1"),
    "count-one-more": ("count", "the last N + 1"),
    "count-within-closed": ("count", "[t-W, t]"),
    "within-less": (SEQUENCES, "t - first < within"),
    "within-more": (SEQUENCES, "t - first <= within + 1"),
    "last-open": (SEQUENCES, "t > the match's last event"),
    "absence-early": (ABSENT, "an absence's timer at first + within"),
    "absence-late": (ABSENT, "an absence's timer at first + within + 2"),
    "absent-guards-times": (ABSENT, "an absent step guards amid the times of the step after it"),
    "start-first": (SEQUENCES, "a new match before the old ones are extended"),
    "extend-first": (ABSENT, "old matches are extended before they are killed"),
    "extend-oldest": (SEQUENCES, "the oldest match is extended"),
    "cap-63": ("cap", "63 partial matches"),
    "cap-65": ("cap", "65 partial matches"),
    "cap-not-waiting": ("cap", "matches that wait for an absence do not count"),
    "baseline-keep": (BASELINES, "one window more"),
    "baseline-every": (BASELINES, "every window"),
    "baseline-own": (BASELINES, "the window itself too"),
    "baseline-before": (BASELINES, "windows before the group's first event"),
    "baseline-zero": (BASELINES, "a window without events is no sample"),
    "clear-early": (WINDOWS, "a clear's timer at last + quiet"),
    "clear-late": (ALL, "a clear's timer at last + quiet + 2"),
    "past-early": (WINDOWS, "a hit at last + quiet clears first"),
    "clears-first": (CLOSING, "clears before ends of windows and absences"),
    "alerts-not-last": (ALL, "rules over alerts by their id among the others' timers"),
    "until-closed": (EXCEPTED, "an exception holds at `until` too"),
    "percentile-floor": (WINDOWS, "rank floor(p * n / 100)"),
    "percentile-next": (WINDOWS, "rank floor(p * n / 100) + 1"),
    "top-last": (WINDOWS, "equal counts by value descending"),
    "speed-no-second": (WINDOWS, "a difference below 1 s as it is"),
    "seen-evaluated": ("seen", "evaluated in the groups that see the event, too"),
    "lateness-open": ("sliding", "late at exactly allowed_lateness"),
    "no-dedupe": ("sliding", "duplicates are processed"),
}
CITY = {"horizon-less": "a pair is forgotten at exactly the horizon"}
