#!/usr/bin/env python3
"""The brute-force oracle: prints what `fengsui replay` must print, slowly and plainly.

  oracle.py --pack DIR [--out-of-orderness D] [--allowed-lateness D] [--flush]
            [--dead-letters FILE] FILE
"""
import argparse
import base64
import hashlib
import json
import pathlib
import sys

import decode
import engine as engines
import pack as packs
import time_text

def dead_letter(pack, position, reason, message, raw):
    line = {"position": position, "reason": reason, "message": message}
    if pack.sealed:  # "keeps reason, position and SHA-256 but no bytes"
        line["sha256"] = hashlib.sha256(raw).hexdigest()
    else:
        line["bytes"] = base64.b64encode(raw).decode()
    return line


def replay(pack, content, out_of_orderness=0, allowed_lateness=0, flush=False, wrong=()):
    """(records, counters, dead letters) of a whole file's bytes."""
    return replay_decoded(pack, decoded(pack, content), out_of_orderness, allowed_lateness, flush,
                          wrong)


def decoded(pack, content):
    """[(position, bytes, event or DeadLetter)] of a whole file's bytes."""
    found = []
    for arrival, (position, raw) in enumerate(decode.records_of(content)):
        try:
            found.append((position, raw, decode.decode(raw, arrival, pack)))
        except decode.DeadLetter as error:
            found.append((position, raw, error))
    return found


def replay_decoded(pack, lines, out_of_orderness, allowed_lateness, flush, wrong=()):
    engine = engines.Engine(pack, out_of_orderness, allowed_lateness, wrong)
    counters = dict.fromkeys(["read", "processed", "duplicate", "late", "dead_letter"], 0)
    dead = []
    for position, raw, found in lines:
        counters["read"] += 1
        if isinstance(found, decode.DeadLetter):
            outcome = "dead_letter"
            dead.append(dead_letter(pack, position, found.reason, found.message, raw))
        else:
            outcome = engine.accept(found)
        if outcome == "late":  # "kept with the dead letters, counted apart"
            dead.append(dead_letter(pack, position, "late", "behind the watermark", raw))
        counters[outcome] += 1
    engine.finish(flush)
    return engine.out, counters, dead


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pack", required=True)
    parser.add_argument("--out-of-orderness", default="0")
    parser.add_argument("--allowed-lateness", default="0")
    parser.add_argument("--flush", action="store_true")
    parser.add_argument("--dead-letters")
    parser.add_argument("--wrong", action="append", default=[])
    parser.add_argument("file")
    args = parser.parse_args()
    records, counters, dead = replay(
        packs.Pack(args.pack), pathlib.Path(args.file).read_bytes(),
        time_text.parse_duration(args.out_of_orderness),
        time_text.parse_duration(args.allowed_lateness), args.flush, args.wrong)
    write_lines(sys.stdout.buffer, records)
    if args.dead_letters:
        with open(args.dead_letters, "wb") as out:
            write_lines(out, dead)
    print(json.dumps(counters), file=sys.stderr)


def write_lines(out, values):
    for value in values:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        out.write(text.encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()
