"""Which kinds of record a rule can make, and which of them never came."""


def kinds_of(rule):
    if rule.mode != "live":
        return set()
    if rule.quiet == 0:
        return {"open"}
    return {"open", "clear"} | ({"raise"} if rule.grouped and len(rule.grade) > 1 else set())


def missing(pack, records):
    """[(rule's id, kind)] of what was never seen."""
    seen = {(record["rule"], record["kind"]) for record in records}
    return sorted((rule.id, kind) for rule in pack.rules for kind in kinds_of(rule)
                  if (rule.id, kind) not in seen)


def complaint(pack, records):
    """A text, or None where every rule made every kind of record that it can."""
    found = missing(pack, records)
    return "never seen: " + ", ".join(" ".join(pair) for pair in found) if found else None
