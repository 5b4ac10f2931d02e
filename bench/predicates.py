#!/usr/bin/env python3
"""N stateless conjunctive predicates over the reference feeds, drawn from an event file's values.

  predicates.py --events w100k.ndjson --n 1000 [--seed 3] > predicates.jsonl
  predicates.py --events w100k.ndjson --n 1000 --pack FOLDER

As lines: {"id", "type", "all": [{"field", "op", "value"}, …]}, op one of eq in gt ge lt, for the
peers.
As a pack: one rule a predicate, its schemas beside it, for fengsui.
"""
import argparse
import json
import pathlib
import random
import shutil

SIGNS = {"eq": "==", "in": "in", "gt": ">", "ge": ">=", "lt": "<"}


class Values:
    """The distinct values of each text field of each type, in the order of first appearance."""

    def __init__(self, path, lines=100_000):
        self.seen = {}
        with open(path, encoding="utf-8") as events:
            for _, line in zip(range(lines), events):
                event = json.loads(line)
                for field, value in event["data"].items():
                    if isinstance(value, str):
                        self.seen.setdefault((event["type"], field), {})[value] = None

    def of(self, event_type, field):
        return list(self.seen[event_type, field])


def conditions(values, draw):
    """The type and conditions of one predicate; six shapes, from wide to narrow."""
    parcel, ticket, stay = "courier.parcel", "hotline.ticket", "homestay.checkin"

    def equal(event_type, field):
        return (field, "eq", draw.choice(values.of(event_type, field)))

    def some(field, most):
        goods = values.of(parcel, field)
        return (field, "in", sorted(draw.sample(goods, draw.randint(1, most))))

    shape = draw.random()
    if shape < 0.40:
        return parcel, [equal(parcel, "region"), some("item_category", 3),
                        ("weight_kg", "gt", round(draw.uniform(3, 12), 1)),
                        ("declared_value", "gt", float(draw.randrange(100, 3000)))]
    if shape < 0.65:
        return ticket, [equal(ticket, "grid"), equal(ticket, "category")]
    if shape < 0.75:
        return parcel, [equal(parcel, "outlet"), ("verified", "eq", False)]
    if shape < 0.85:
        return parcel, [equal(parcel, "dest_region"), some("item_category", 2),
                        ("weight_kg", "ge", round(draw.uniform(1, 8), 1))]
    if shape < 0.95:
        return stay, [equal(stay, "listing_id"), ("minors", "ge", 1),
                      ("guardian_present", "eq", False)]
    return parcel, [("declared_value", "gt", float(draw.randrange(2000, 50000))),
                    ("weight_kg", "lt", round(draw.uniform(0.3, 2), 1))]


def predicates(values, count, seed):
    draw = random.Random(seed)
    for number in range(count):
        event_type, all_of = conditions(values, draw)
        yield {"id": f"p{number:06d}", "type": event_type,
               "all": [{"field": f, "op": op, "value": v} for f, op, v in all_of]}


def expression(predicate):
    return " && ".join(f"{c['field']} {SIGNS[c['op']]} {json.dumps(c['value'])}"
                       for c in predicate["all"])


def write_pack(folder, drawn):
    """A rule a predicate, without window; the events' schemas are the reference pack's."""
    reference = pathlib.Path(__file__).parent / "reference"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(reference / "schemas", folder / "schemas")
    lines = ["rules:"]
    for predicate in drawn:
        lines += [f"  - id: {predicate['id']}", f"    from: {predicate['type']}",
                  f"    when: {json.dumps(expression(predicate), ensure_ascii=False)}",
                  "    grade: blue",
                  "    purpose: { use: benchmark, basis: benchmark, retain: 1d }"]
    (folder / "rules").mkdir()
    (folder / "rules" / "predicates.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", required=True)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--pack", type=pathlib.Path)
    args = parser.parse_args()
    drawn = predicates(Values(args.events), args.n, args.seed)
    if args.pack:
        write_pack(args.pack, drawn)
        return
    for predicate in drawn:
        print(json.dumps(predicate, ensure_ascii=False))


if __name__ == "__main__":
    main()
