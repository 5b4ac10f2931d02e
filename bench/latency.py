#!/usr/bin/env python3
"""From an event's last request byte to its durable alert, over HTTP: an open loop at a fixed rate.

  latency.py [--rate 2000] [--seconds 15] [--fengsui build/release/fengsui]

Starts `fengsui run` with a pack in which every event is an alert, a state folder on this disk, a
file queue behind (and a file source that stays empty); posts single events (bench_latency.cc says
how) and counts the alerts at the end. The disk's own fdatasync is measured in the same run.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
sys.path.insert(0, str(HERE.parent / "tests" / "acceptance"))
sys.dont_write_bytecode = True
import service  # noqa: E402
from process_figures import free_port  # noqa: E402

SCHEMA = "event: gate.pass\ntype: object\nproperties:\n  gate: { type: string }\n"
RULES = """rules:
  - id: every-pass
    from: gate.pass
    grade: blue
    purpose: { use: benchmark, basis: benchmark, retain: 1d }
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--fengsui", type=pathlib.Path, default=BUILD / "release" / "fengsui")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fengsui-latency-", dir=BUILD) as folder:
        folder = pathlib.Path(folder)
        for name, text in (("schemas/gate.yaml", SCHEMA), ("rules.yaml", RULES)):
            (folder / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "pack" / name).write_text(text)
        port = free_port()
        kept = service.Service(folder, service.FileTransport(folder), folder / "pack",
                               {"out_of_orderness": "0s", "allowed_lateness": "0s"}, port=port)
        try:
            kept.start(args.fengsui.resolve(), {})
            service.wait_for("the server", 10, lambda: "serving http" in "\n".join(kept.lines()))
            program = BUILD / "release" / "bench" / "fengsui_bench_latency"
            done = subprocess.run([program, str(port), str(args.rate), str(args.seconds), folder],
                                  check=True, stdout=subprocess.PIPE)
            kept.stop()
            alerts = len(kept.transport.messages())
        finally:
            kept.close()
    result = json.loads(done.stdout)
    if alerts != result["events"]:
        raise service.Failure(f"{result['events']} events were accepted, {alerts} are alerts")
    limit = 2 * result["fsync_p99_ms"] + 2
    print(json.dumps(result | {"alerts": alerts, "limit_ms": round(limit, 2)}))


if __name__ == "__main__":
    main()
