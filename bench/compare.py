#!/usr/bin/env python3
"""fengsui and its peers over the same events, in one run, in alternating order.

  compare.py [--rounds 5] [--events 1000000] [--seed 7] [--only REGEX]

Run it by compare.sh, which builds all. Figures are medians over the rounds of processor time an
event: fengsui's are of its whole process, start and loading included; a peer's begin with its
first event. Every count is held to truth.py's (or, of the predicates, to each other's): a system
that counts wrong is an error, not a row.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build"
DATA = BUILD / "bench-data"
FENGSUI = BUILD / "release" / "fengsui"
PREDICATES = BUILD / "release" / "bench" / "fengsui_bench_predicates"
PREDICATE_COUNTS = (10, 1000, 10000)
PREDICATE_EVENTS = 100_000
OPENED = ["lang", "util", "nio", "time", "text", "net", "util.concurrent"]

sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
sys.dont_write_bytecode = True
import service  # noqa: E402
from durable import EventFile  # noqa: E402
from process_figures import free_port, metrics, peak_mb  # noqa: E402


class Wrong(Exception):
    """A system's counts are not the truth."""


def run(command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


def measured(command, out=subprocess.PIPE):
    """(standard output, CPU seconds, peak resident MB) of a child."""
    process = subprocess.Popen([str(word) for word in command], stdout=out,
                               stderr=subprocess.DEVNULL)
    text = process.stdout.read() if out == subprocess.PIPE else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Wrong(f"{command[0]} ended with {process.returncode}")
    return text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def java(module, name, *arguments):
    """A peer in a fresh JVM: what it reported."""
    opened = [word for package in OPENED
              for word in ("--add-opens", f"java.base/java.{package}=ALL-UNNAMED")]
    opened += ["--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"]
    target = BUILD / "peers" / module / "target"
    text, _, _ = measured(["java", "-Xmx4g", *opened, "-cp",
                           f"{target}/{module}-1.jar:{target}/lib/*", f"fengsui.peers.{name}",
                           *arguments])
    return json.loads(text.decode().splitlines()[-1])


class Data:
    """The event files, the predicates and the truth; made once, kept in build/bench-data."""

    def __init__(self, events, seed):
        DATA.mkdir(parents=True, exist_ok=True)
        self.events, self.count = DATA / f"reference-{events}-{seed}.ndjson", events
        self.few = DATA / f"reference-{PREDICATE_EVENTS}-{seed}.ndjson"
        self.pack = HERE / "reference"
        for path, count in ((self.events, events), (self.few, PREDICATE_EVENTS)):
            if not path.exists():
                with open(path.with_suffix(".part"), "wb") as out:
                    run([FENGSUI, "generate", "--feeds", "reference", "--events", count,
                         "--seed", seed], stdout=out)
                path.with_suffix(".part").rename(path)
        truth = self.events.with_suffix(".truth.json")
        if not truth.exists():
            truth.write_bytes(run([sys.executable, HERE / "truth.py", self.events],
                                  stdout=subprocess.PIPE).stdout)
        self.truth = json.loads(truth.read_text())
        for count in PREDICATE_COUNTS:
            drawn = [sys.executable, HERE / "predicates.py", "--events", self.few, "--n", count]
            with open(self.predicates(count), "wb") as out:
                run(drawn, stdout=out)
            run([*drawn, "--pack", self.predicate_pack(count)])

    def predicates(self, count):
        return DATA / f"predicates-{count}.jsonl"

    def predicate_pack(self, count):
        return DATA / f"predicates-{count}"

    def check_rules(self, name, counts):
        for rule, count in counts.items():
            if self.truth.get(rule, 0) != count:
                raise Wrong(f"{name}: {rule} counts {count}, the truth {self.truth.get(rule, 0)}")


# --- The six rules ----------------------------------------------------------------------------


def fengsui_hits(data):
    """By `rules cost`, which runs the same engine with a listener."""
    text = run([FENGSUI, "rules", "cost", data.pack, data.events, "--format", "json"],
               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    hits = {rule["rule"][:2]: rule["hits"] for rule in json.loads(text)["rules"]}
    hits.pop("s1")
    data.check_rules("fengsui", hits)


def fengsui_replay(data):
    text, cpu, resident = measured([FENGSUI, "replay", "--pack", data.pack, "--no-progress",
                                    data.events])
    return {"ns": cpu * 1e9 / data.count, "rss_mb": resident, "records": text.count(b"\n")}


def fengsui_durable(data):
    """`fengsui run` over the file, a file queue behind; from start to orderly end."""
    with tempfile.TemporaryDirectory(prefix="fengsui-compare-", dir=BUILD) as folder:
        folder = pathlib.Path(folder)
        port = free_port()
        kept = service.Service(folder, EventFile(folder, data.events), data.pack,
                               {"out_of_orderness": "0s", "allowed_lateness": "0s"}, port=port,
                               checkpoint_interval="30s")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            kept.start(FENGSUI, {})
            kept.await_recovery()
            service.wait_for("all records", 600, lambda: metrics(port).get(
                "fengsui_records_total", 0) >= data.count, pause=0.1)
            resident = peak_mb(kept.process.pid)
            kept.stop()
            records = len(kept.transport.messages())
        finally:
            kept.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"ns": cpu * 1e9 / data.count, "rss_mb": resident, "records": records}


def peer_rules(name, module, program, *arguments):
    def measure(data):
        result = java(module, program, "rules", data.events, *arguments,
                      *([data.truth["last"]] if module == "flink" else []))
        data.check_rules(name, result["counts"])
        return result

    return measure


# --- Predicates: raw bytes to matches -----------------------------------------------------------


def fengsui_predicates(count):
    def measure(data):
        text, _, _ = measured([PREDICATES, data.predicate_pack(count), data.few, 3])
        return json.loads(text)

    return measure


def esper_predicates(count):
    return lambda data: java("esper", "EsperPeer", "predicates", data.predicates(count), data.few,
                             3)


def flink_predicates(count):
    return lambda data: java("flink", "FlinkPeer", "predicates", data.predicates(count), data.few)


# --- All of it --------------------------------------------------------------------------------

RULES = "six windowed rules"
WORKS = {
    RULES: {
        "fengsui, memory": fengsui_replay,
        "fengsui, durable": fengsui_durable,
        "Esper": peer_rules("Esper", "esper", "EsperPeer"),
        "Siddhi (four of the six)": peer_rules("Siddhi", "siddhi", "SiddhiPeer"),
        "Flink, heap": peer_rules("Flink", "flink", "FlinkPeer", "heap"),
        "Flink, RocksDB": peer_rules("Flink", "flink", "FlinkPeer", "rocksdb"),
    },
} | {
    f"{count:,} predicates, from raw bytes": {
        "fengsui": fengsui_predicates(count),
        "Esper": esper_predicates(count),
        "Flink": flink_predicates(count),
    } for count in PREDICATE_COUNTS
}


def measure_work(work, systems, data, rounds):
    results = {name: [] for name in systems}
    for number in range(rounds):
        # Forwards and backwards in turn, so that no system has always the warmer machine.
        order = list(systems) if number % 2 == 0 else list(reversed(systems))
        for name in order:
            results[name].append(systems[name](data))
            print(f"{work}: {name}: {results[name][-1]['ns']:,.0f} ns", file=sys.stderr)
    if work != RULES:
        counts = {name: each[0]["counts"]["matches"] for name, each in results.items()}
        if len(set(counts.values())) != 1:
            raise Wrong(f"{work}: the systems do not agree: {counts}")
    for name in results:
        if len({one.get("records") for one in results[name]}) != 1:
            raise Wrong(f"{work}: {name} gave other records in another round")
    return results


def print_table(work, results):
    medians = {name: statistics.median(one["ns"] for one in each) for name, each in results.items()}
    ours = medians[next(iter(medians))]
    print(f"\n| {work} | CPU ns an event | least, most | × fengsui | resident MB |")
    print("| --- | --- | --- | --- | --- |")
    for name, each in results.items():
        times = [one["ns"] for one in each]
        print(f"| {name} | {medians[name]:,.0f} | {min(times):,.0f}, {max(times):,.0f} | "
              f"{medians[name] / ours:,.1f} | {max(one['rss_mb'] for one in each):,} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", type=re.compile, default=re.compile(""),
                        help="works or systems whose `work: system` it finds")
    args = parser.parse_args()
    data = Data(args.events, args.seed)
    fengsui_hits(data)
    everything = {}
    for work, all_systems in WORKS.items():
        systems = {name: how for name, how in all_systems.items()
                   if args.only.search(f"{work}: {name}")}
        if not systems:
            continue
        everything[work] = measure_work(work, systems, data, args.rounds)
        print_table(work, everything[work])
        sys.stdout.flush()
    (BUILD / "compare.json").write_text(json.dumps(everything, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
