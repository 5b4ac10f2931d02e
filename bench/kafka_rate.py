#!/usr/bin/env python3
"""Reference events from a Kafka topic end as alerts in a Kafka topic: rate and CPU per event.

  kafka_rate.py --fengsui build/release/fengsui [--events 1000000] [--seed 7]
                --kafka-tool build/release/tests/acceptance/kafka_tool [--pack bench/reference]

Starts a broker of its own (tests/acceptance/kafka), fills a topic of one partition with what
`fengsui generate --feeds reference` makes, then starts `fengsui run` over it. The clock runs from
the start of reading to the last record read and the last alert sent; CPU is the process's own over
that time (/proc/PID/stat), start-up not counted. There must be as many alert records as `replay`
gives.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "acceptance"))
sys.dont_write_bytecode = True
import service  # noqa: E402
from durable import SETTINGS  # noqa: E402
from process_figures import cpu_seconds, free_port, metrics, peak_mb  # noqa: E402

KIT = HERE.parent / "tests" / "acceptance" / "kafka" / "kafka-dev.sh"


def measure(arguments, folder, brokers):
    events = folder / "events.ndjson"
    with open(events, "wb") as out:
        subprocess.run([str(arguments.fengsui), "generate", "--feeds", "reference",
                        "--events", str(arguments.events), "--seed", str(arguments.seed)],
                       check=True, stdout=out)
    transport = service.KafkaTransport(folder, arguments.kafka_tool, brokers)
    subprocess.run([*transport.tool, "produce", transport.events, str(events)], check=True)

    port = free_port()
    kept = service.Service(folder, transport, arguments.pack, SETTINGS, port=port,
                           checkpoint_interval="30s")
    try:
        kept.start(arguments.fengsui, {})
        kept.await_recovery()
        began, cpu_began = time.time(), cpu_seconds(kept.process.pid)
        service.wait_for("all records", 600, lambda: metrics(port).get(
            "fengsui_records_total", 0) >= arguments.events, pause=0.02)
        read = time.time()
        # A gauge, renewed once a second: the last alert's own time says when it was sent.
        service.wait_for("all alerts", 600, lambda: metrics(port)["fengsui_outbox_depth"] == 0)
        last = int(subprocess.run([*transport.tool, "last", transport.alerts], check=True,
                                  stdout=subprocess.PIPE).stdout) / 1000
        took = max(read, last) - began
        cpu = cpu_seconds(kept.process.pid) - cpu_began
        resident = peak_mb(kept.process.pid)
        summary = kept.stop()
        alerts = len(transport.messages())
    finally:
        kept.close()
    replayed = subprocess.run([str(arguments.fengsui), "replay", "--pack", str(arguments.pack),
                               "--no-progress", str(events)], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    if alerts != replayed.count(b"\n"):
        sys.exit(f"{alerts} alert records, but replay has {replayed.count(bytes([10]))}")
    megabytes = events.stat().st_size / 1e6
    print(f"{arguments.events} events, {alerts} alert records, {megabytes:.0f} MB in")
    print(f"{took:.2f} s, {arguments.events / took:,.0f} events/s, "
          f"{cpu / arguments.events * 1e6:.2f} us CPU an event, {resident} MiB resident at most")
    print(f"summary: {summary}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", type=pathlib.Path, required=True)
    parser.add_argument("--kafka-tool", type=pathlib.Path, required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--pack", type=pathlib.Path, default=HERE / "reference")
    arguments = parser.parse_args()
    arguments.fengsui = arguments.fengsui.resolve()
    arguments.kafka_tool = arguments.kafka_tool.resolve()
    with tempfile.TemporaryDirectory(prefix="fengsui-rate-") as folder:
        folder = pathlib.Path(folder)
        os.environ |= {"KAFKA_DEV_DIR": str(folder / "broker"), "KAFKA_DEV_PORT": "auto"}
        subprocess.run([str(KIT), "fresh"], check=True)
        try:
            brokers = subprocess.run([str(KIT), "address"], check=True, capture_output=True,
                                     text=True).stdout.strip()
            measure(arguments, folder, brokers)
        finally:
            subprocess.run([str(KIT), "wipe"], check=True)


if __name__ == "__main__":
    main()
