"""The oracle against wrong variants of itself (wrong.py), by the seeds that CI runs."""
import copy
import functools
import pathlib
import tempfile

import compare
import diff
import pack as packs
import random_pack
import wrong as variants

CITY_SEEDS, CITY_EVENTS = range(1, 5), 2000


@functools.lru_cache(maxsize=1)
def right(seed):
    """A seed's pack, decoded events and what the right oracle says: once in each process."""
    return random_pack.checked_pack(seed, random_pack.random_events.EVENTS)


def try_random(job):
    """The first difference that a variant makes in a seed's run, or None.

    Only the rules that it can touch are run: those over events do not depend on each other.
    """
    name, seed = job
    slots = variants.RANDOM[name][0].split() if name else []
    if slots and not set(slots) & set(random_pack.random_rules.slots_of(seed)):
        return None
    found, lines = right(seed)
    pack = found.pack
    if slots:
        pack = copy.copy(pack)
        pack.rules = [rule for rule in pack.rules
                      if rule.id.split("-", 1)[1].replace("-", "_") in slots and rule.mode == "live"
                      and not rule.over_alerts]
    ids = {rule.id for rule in pack.rules}
    records, counters, dead = found.result
    expected = ([record for record in records if record["rule"] in ids], counters, dead)
    wrong = random_pack.replay(found.world, pack, lines, [name] if name else ())
    return diff.first_difference(diff.Result(*expected), diff.Result(*wrong), len(lines))


def try_city(job):
    name, seed = job
    pack = packs.Pack(compare.HERE / "pack")
    city_options, options = compare.SETTINGS[seed % len(compare.SETTINGS)]
    with tempfile.TemporaryDirectory() as folder:
        content = compare.make_city(seed, CITY_EVENTS, city_options,
                                    pathlib.Path(folder) / "events.ndjson")
    expected = compare.run_oracle(pack, options, content)
    got = compare.run_oracle(pack, options, content, [name] if name else ())
    return diff.first_difference(expected, got, diff.count_lines(content))


def unnoticed(pool, attempt, names, seeds):
    """The variants that no seed notices; each is tried until one does."""
    left = list(names)
    for seed in seeds:
        found = pool.map(attempt, [(name, seed) for name in left], chunksize=1)
        for name, difference in zip(left, found):
            if difference is not None:
                print(f"ok: {name or 'the oracle itself'}: seed {seed}: {difference}", flush=True)
        left = [name for name, difference in zip(left, found) if difference is None]
        if not left:
            break
    return left


def run(pool, seeds):
    """How many variants were missed; the right oracle must differ from itself in no seed."""
    missed = unnoticed(pool, try_random, variants.RANDOM, seeds)
    missed += unnoticed(pool, try_city, variants.CITY, CITY_SEEDS)
    for name in missed:
        print(f"FAILED: {name} ({variants.RANDOM.get(name)}): no seed noticed")
    same = [seed for seed in list(seeds)[:2] if try_random(("", seed)) is not None]
    for seed in same:
        print(f"FAILED: the oracle differs from itself, seed {seed}")
    return len(missed) + len(same)
