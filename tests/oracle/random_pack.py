"""Random packs: for a seed, rules of every kind over the world of random_events.py.

  random_pack.py --seed N [--events N] DIR      writes DIR/pack, DIR/events.ndjson, DIR/options

Every live rule opens, raises and clears where it can: one that does not is drawn again, a bounded
number of times (see checked_pack).
"""
import argparse
import json
import pathlib
import shutil
import tempfile

import kinds
import oracle
import pack as packs
import random_events
import random_rules

ATTEMPTS = 8
DEFS = """defs:
  hot: n > 1
  cold: "!hot || s == 'a'"
"""


class Found:
    """A pack for a world: its folder's text, the pack as loaded, and what the oracle says."""

    def __init__(self, world, specs, pack, result):
        self.world, self.specs, self.pack, self.result = world, specs, pack, result


def write_pack(world, specs, folder):
    for name in ("schemas", "lists", "defs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(f"name: random\ntimezone: {world.zone}\n", "utf-8")
    (folder / "schemas" / "r.yaml").write_text(random_events.SCHEMAS, "utf-8")
    (folder / "lists" / "calm.csv").write_text("word,rank\na,1\ne,3\n", "utf-8")
    (folder / "defs" / "d.yaml").write_text(DEFS, "utf-8")
    text = ["rules:"]
    for spec in specs:
        for i, (key, value) in enumerate(spec.items()):
            shown = json.dumps(value, ensure_ascii=False)
            text.append(("  - " if i == 0 else "    ") + f"{key}: {shown}")
    (folder / "rules.yaml").write_text("\n".join(text) + "\n", "utf-8")


def load(world, specs):
    """As the oracle reads the folder that `write_pack` writes."""
    with tempfile.TemporaryDirectory() as name:
        write_pack(world, specs, pathlib.Path(name))
        return packs.Pack(name)


def replay(world, pack, lines, wrong=()):
    return oracle.replay_decoded(pack, lines, world.out_of_orderness, world.allowed_lateness,
                                 world.flush, wrong)


def checked_pack(seed, events):
    """The seed's pack, each rule of which makes every kind of record that it can; or ValueError.

    A rule over events depends on no other, so that one drawn again is tried by itself first. A
    slot whose rules never make theirs in this world is left out.
    """
    world = random_events.World(seed, events)
    slots = random_rules.slots_of(seed)
    tries = dict.fromkeys(slots, 0)
    specs = {slot: random_rules.draw(world, seed, slot, 0) for slot in slots}
    empty = load(world, [])
    lines = oracle.decoded(empty, world.content)
    for _ in range(2 * ATTEMPTS):
        pack = empty.with_rules(specs.values())
        result = replay(world, pack, lines)
        missing = {rule_id for rule_id, _ in kinds.missing(pack, result[0])}
        if not missing:
            return Found(world, list(specs.values()), pack, result), lines
        for slot in [s for s in slots if specs[s]["id"] in missing]:
            if not draw_again(world, seed, slot, specs, tries, empty, lines):
                del specs[slot]
                slots.remove(slot)
    raise ValueError(f"seed {seed}: never seen in {2 * ATTEMPTS} packs: {sorted(missing)}")


def draw_again(world, seed, slot, specs, tries, empty, lines):
    """Whether the slot has a rule now that is good, or worth trying with the others."""
    while tries[slot] < ATTEMPTS:
        tries[slot] += 1
        specs[slot] = random_rules.draw(world, seed, slot, tries[slot])
        if slot in random_rules.OVER_ALERTS:
            return True
        alone = empty.with_rules([specs[slot]])
        if not kinds.missing(alone, replay(world, alone, lines)[0]):
            return True
    return False


def write_all(found, folder):
    folder = pathlib.Path(folder)
    if (folder / "pack").exists():
        shutil.rmtree(folder / "pack")
    write_pack(found.world, found.specs, folder / "pack")
    (folder / "events.ndjson").write_bytes(found.world.content)
    (folder / "options").write_text(found.world.replay_options() + "\n", "utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=random_events.EVENTS)
    parser.add_argument("folder")
    args = parser.parse_args()
    found, _ = checked_pack(args.seed, args.events)
    write_all(found, args.folder)


if __name__ == "__main__":
    main()
