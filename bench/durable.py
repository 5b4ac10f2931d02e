#!/usr/bin/env python3
"""Reference events from a followed file end as durable alerts in a file queue: what it costs.

  durable.py --fengsui build/release/fengsui [--events 1000000] [--seed 7] [--runs 3]
             [--data events.ndjson] [--pack bench/reference] [--checkpoint 30s]
             [--cache-bytes N] [--no-archive] [--threads]

Every run starts `fengsui run` over an empty state with the events already in the file. CPU is the
whole process's (/proc/PID/stat: engine, source, outbox, RocksDB's own threads) from the start of
reading to the last record committed and the last alert delivered; an orderly end, with its
checkpoint, comes after. `replay` is the same binary's in-memory way over the same file, its whole
life; the alerts of both must be the same.
"""
import argparse
import json
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "acceptance"))
sys.dont_write_bytecode = True
import service  # noqa: E402
from process_figures import (  # noqa: E402
    TICKS, cpu_times, free_port, metrics, peak_mb, written_bytes)

SETTINGS = {"out_of_orderness": "0s", "allowed_lateness": "0s"}


def cpu_by_thread(pid):
    sums = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
            name = (task / "comm").read_text().strip()
        except OSError:
            continue
        sums[name] = sums.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICKS
    return sums


class EventFile(service.FileTransport):
    """A whole event file in place of one that a test fills."""

    def __init__(self, folder, path):
        super().__init__(folder)
        self.input = path


def configure(path, arguments):
    settings = json.loads(path.read_text())
    if arguments.cache_bytes:
        settings["state"]["cache_bytes"] = arguments.cache_bytes
    if arguments.no_archive:
        settings["archive"] = {"enabled": False}
    path.write_text(json.dumps(settings))


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run_durable(arguments, data, folder):
    transport = EventFile(folder, data)
    port = free_port()
    kept = service.Service(folder, transport, arguments.pack, SETTINGS, port=port,
                           checkpoint_interval=arguments.checkpoint)
    configure(folder / "fengsui.yaml", arguments)
    try:
        started = time.monotonic()
        kept.start(arguments.fengsui, {})
        service.wait_for("the source to be read", 60,
                         lambda: service.READING.search("\n".join(kept.lines())), pause=0.002)
        service.wait_for("the server", 60, lambda: answers(port), pause=0.001)
        began = time.monotonic()
        cpu_began = cpu_times(kept.process.pid)
        wrote_began = written_bytes(kept.process.pid)
        service.wait_for("all records", 600, lambda: metrics(port).get(
            "fengsui_records_total", 0) >= arguments.events, pause=0.05)
        took = time.monotonic() - began
        delivered = transport.delivered()
        service.wait_for("the last alert", 60,
                         lambda: metrics(port)["fengsui_outbox_depth"] == 0, pause=0.05)
        sums = metrics(port)
        user, system = (after - before for after, before in
                        zip(cpu_times(kept.process.pid), cpu_began))
        threads = cpu_by_thread(kept.process.pid)
        resident = peak_mb(kept.process.pid)
        wrote = written_bytes(kept.process.pid) - wrote_began
        kept.stop()
        return {
            "start_ms": (began - started) * 1e3, "cpu_us": (user + system) / arguments.events * 1e6,
            "user_us": user / arguments.events * 1e6, "system_us": system / arguments.events * 1e6,
            "rate": arguments.events / took, "commits": sums["fengsui_commit_seconds_count"],
            "commit_ms": sums["fengsui_commit_seconds_sum"] /
            max(sums["fengsui_commit_seconds_count"], 1) * 1e3,
            "resident_mb": resident, "written": wrote / arguments.events,
            "alerts": len(transport.messages()), "delivered": delivered, "threads": threads}
    finally:
        kept.close()


def run_replay(arguments, data):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    records, _ = service.reference(arguments.fengsui, arguments.pack, SETTINGS, data)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return len(records), cpu / arguments.events * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", type=pathlib.Path, required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--pack", type=pathlib.Path, default=HERE / "reference")
    parser.add_argument("--checkpoint", default="30s")
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--cache-bytes", type=int, help="state.cache_bytes")
    parser.add_argument("--no-archive", action="store_true", help="archive.enabled: false")
    arguments = parser.parse_args()
    arguments.fengsui = arguments.fengsui.resolve()
    with tempfile.TemporaryDirectory(prefix="fengsui-durable-") as folder:
        folder = pathlib.Path(folder)
        data = arguments.data.resolve() if arguments.data else folder / "events.ndjson"
        if not arguments.data:
            with open(data, "wb") as out:
                subprocess.run([str(arguments.fengsui), "generate", "--feeds", "reference",
                                "--events", str(arguments.events), "--seed",
                                str(arguments.seed)], check=True, stdout=out)
        alerts, in_memory = run_replay(arguments, data)
        print(f"replay in memory: {in_memory:.3f} us CPU an event, {alerts} alert records")
        runs = [run_durable(arguments, data, service.folder_of(folder, f"run{i}"))
                for i in range(arguments.runs)]
    for run in runs:
        print("durable: {cpu_us:.3f} us CPU an event (user {user_us:.3f}, system {system_us:.3f}), "
              "{rate:,.0f} events/s, {commits:.0f} commits of {commit_ms:.2f} ms, "
              "{resident_mb:.0f} MiB resident, {written:.0f} bytes written an event, "
              "reading after {start_ms:.0f} ms, {alerts} alert records".format(**run))
        if arguments.threads:
            print("  " + json.dumps(run["threads"]))
    median = sorted(run["cpu_us"] for run in runs)[len(runs) // 2]
    print(f"median: {median:.3f} us, {median - in_memory:.3f} us more than in memory")
    if any(run["alerts"] != alerts for run in runs):
        sys.exit("the durable run's alerts are not those of replay")


if __name__ == "__main__":
    main()
