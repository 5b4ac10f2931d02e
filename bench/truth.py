#!/usr/bin/env python3
"""What the reference rules come to over an ordered event file, by brute force: one list a group.

  truth.py EVENTS > truth.json

Counts, by rule, of the events at which its lowest grade holds. `q1` differs by reading, and each
system is held to its own: `q1` is fengsui's (a parcel completes the newest stay that fits, once),
`q1_newest` Flink's here (the newest stay alone is asked), `q1_pairs` Esper's (every pair).
"""
import collections
import datetime
import json
import sys

MINUTE, HOUR = 60_000, 3_600_000
HAZARDS = {"gas_cylinder", "solvent", "fireworks", "paint", "battery"}
GAS = ("煤气", "燃气泄漏", "漏气")
ANSWERED = {"dispatched", "handled", "closed"}


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


class Truth:
    def __init__(self):
        self.counts = collections.Counter()
        self.hazards = collections.defaultdict(collections.deque)
        self.parcels = collections.defaultdict(collections.deque)
        self.stays = collections.defaultdict(collections.deque)
        self.tickets = collections.Counter()
        self.recent = collections.defaultdict(list)     # stays that no parcel has completed
        self.all_stays = collections.defaultdict(list)  # of the last half hour
        self.reports, self.answers = [], collections.defaultdict(list)
        self.last = 0

    def take(self, event):
        data, now = event["data"], milliseconds(event["time"])
        self.last = max(self.last, now)
        self.counts["events"] += 1
        {"courier.parcel": self.parcel, "hotline.ticket": self.ticket,
         "hotline.update": self.update, "homestay.checkin": self.stay}[event["type"]](data, now)

    def parcel(self, data, now):
        if data["item_category"] in HAZARDS:
            window = self.hazards[data["sender_id"]]
            window.append(now)
            while window[0] <= now - HOUR:
                window.popleft()
            self.counts["w1"] += len(window) >= 3
        window = self.parcels[data["receiver_id"]]
        window.append((now, round(data["declared_value"] * 100)))
        while window[0][0] <= now - 6 * HOUR:
            window.popleft()
        self.counts["w4"] += sum(cents for _, cents in window) >= 2_000_000
        self.follow(data, now)

    def follow(self, data, now):
        sender, region = data["sender_id"], data["region"]
        for stays in (self.recent[sender], self.all_stays[sender]):
            stays[:] = [stay for stay in stays if stay[0] + 30 * MINUTE > now]
        fitting = [stay for stay in self.recent[sender] if stay[1] != region]
        if fitting:
            self.recent[sender].remove(fitting[-1])
            self.counts["q1"] += 1
        every = self.all_stays[sender]
        self.counts["q1_newest"] += bool(every) and every[-1][1] != region
        self.counts["q1_pairs"] += sum(stay[1] != region for stay in every)

    def ticket(self, data, now):
        if any(word in data["text"] for word in GAS):
            self.tickets[data["grid"], now // HOUR] += 1
            self.counts["w2"] += self.tickets[data["grid"], now // HOUR] >= 3
        if data["category"] in ("gas", "fire"):
            self.reports.append((data["ticket_id"], now))

    def update(self, data, now):
        if data["status"] in ANSWERED:
            self.answers[data["ticket_id"]].append(now)

    def stay(self, data, now):
        window = self.stays[data["guest_id"]]
        window.append((now, data["listing_id"]))
        while window[0][0] <= now - 24 * HOUR:
            window.popleft()
        self.counts["w3"] += len({listing for _, listing in window}) >= 2
        for stays in (self.recent, self.all_stays):
            stays[data["guest_id"]].append((now, data["region"]))

    def finish(self):
        for ticket, since in self.reports:
            due = since + 30 * MINUTE
            answered = any(since <= when < due for when in self.answers[ticket])
            self.counts["q2"] += due <= self.last and not answered
        return {**self.counts, "last": self.last}


def main():
    truth = Truth()
    with open(sys.argv[1], encoding="utf-8") as events:
        for line in events:
            truth.take(json.loads(line))
    print(json.dumps(truth.finish()))


if __name__ == "__main__":
    main()
