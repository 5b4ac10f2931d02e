#!/usr/bin/env python3
"""fengsui and its peers over the same events, in one run, in alternating order.

  compare.py [--rounds 5] [--events 1000000] [--seed 7] [--only REGEX]

Run it by compare.sh, which builds all. Figures are medians over the rounds of processor time an
event: fengsui's are of its whole process, start and loading included; a peer's begin with its
first event. Every count is held to truth.py's (or, of the predicates, to each other's): a system
that counts wrong is an error, not a row. At the end the latency of alerts under a fixed rate
(latency.py).
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
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build"
DATA = BUILD / "bench-data"
FENGSUI = BUILD / "release" / "fengsui"
PREDICATES = BUILD / "release" / "bench" / "fengsui_bench_predicates"
KEYWORDS = BUILD / "release" / "bench" / "fengsui_bench_keywords"
A_TREE = BUILD / "peers" / "atree" / "target" / "release" / "atree-peer"
PREDICATE_COUNTS = (10, 1000, 10000)
PREDICATE_EVENTS = 100_000
KEYWORD_SETS = (10, 1000, 10_000)
OPENED = ["lang", "util", "nio", "time", "text", "net", "util.concurrent"]

sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
sys.dont_write_bytecode = True
import service  # noqa: E402
from durable import SETTINGS, EventFile  # noqa: E402
from process_figures import free_port, metrics, peak_mb  # noqa: E402


class Wrong(Exception):
    """A system's counts are not the truth."""


def run(command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


def measured(command, out=subprocess.PIPE):
    """(standard output, CPU seconds, peak resident MB, wall seconds) of a child."""
    began = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=out,
                               stderr=subprocess.DEVNULL)
    text = process.stdout.read() if out == subprocess.PIPE else b""
    _, status, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Wrong(f"{command[0]} ended with {process.returncode}")
    return text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, took


def java(module, name, *arguments):
    """A peer in a fresh JVM: what it reported, and how long the JVM lived."""
    opened = [word for package in OPENED
              for word in ("--add-opens", f"java.base/java.{package}=ALL-UNNAMED")]
    opened += ["--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"]
    target = BUILD / "peers" / module / "target"
    text, _, _, took = measured(["java", "-Xmx4g", *opened, "-cp",
                                 f"{target}/{module}-1.jar:{target}/lib/*", f"fengsui.peers.{name}",
                                 *arguments])
    return json.loads(text.decode().splitlines()[-1]) | {"process_s": took}


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
        self.one = DATA / f"reference-1-{seed}.ndjson"
        with open(self.events, "rb") as events_in:
            self.one.write_bytes(events_in.readline())
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
    text, cpu, resident, took = measured([FENGSUI, "replay", "--pack", data.pack, "--no-progress",
                                          data.events])
    return {"ns": cpu * 1e9 / data.count, "rss_mb": resident, "rate": data.count / took,
            "records": text.count(b"\n")}


def fengsui_durable(data):
    """`fengsui run` over the file, a file queue behind; from start to orderly end."""
    with tempfile.TemporaryDirectory(prefix="fengsui-compare-", dir=BUILD) as folder:
        folder = pathlib.Path(folder)
        port = free_port()
        kept = service.Service(folder, EventFile(folder, data.events), data.pack, SETTINGS,
                               port=port, checkpoint_interval="30s")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            began = time.monotonic()
            kept.start(FENGSUI, {})
            kept.await_recovery()
            service.wait_for("all records", 600, lambda: metrics(port).get(
                "fengsui_records_total", 0) >= data.count, pause=0.02)
            took = time.monotonic() - began
            resident = peak_mb(kept.process.pid)
            kept.stop()
            records = len(kept.transport.messages())
        finally:
            kept.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"ns": cpu * 1e9 / data.count, "rss_mb": resident, "rate": data.count / took,
            "records": records}


def peer_rules(name, module, program, *arguments):
    def measure(data):
        result = java(module, program, "rules", data.events, *arguments,
                      *([data.truth["last"]] if module == "flink" else []))
        data.check_rules(name, result["counts"])
        return result | {"rate": result["events"] / result["wall_s"]}

    return measure


# --- Start-up: from the process's start to one event processed and an orderly end -----------------


def fengsui_start(data):
    _, cpu, resident, took = measured([FENGSUI, "replay", "--pack", data.pack, "--no-progress",
                                       data.one])
    return {"ns": cpu * 1e9, "rss_mb": resident, "start_ms": took * 1e3}


def peer_start(module, program, *arguments):
    def measure(data):
        result = java(module, program, "rules", data.one, *arguments,
                      *([data.truth["last"]] if module == "flink" else []))
        return result | {"start_ms": result["process_s"] * 1e3}

    return measure


# --- Keywords -------------------------------------------------------------------------------------


def keywords(system, sets):
    """Ours, or Vectorscan, by bench_keywords.cc, which holds their findings to each other."""
    def measure(_data):
        text, _, resident, _ = measured([KEYWORDS, f"--benchmark_filter=^find/{system}/{sets}/10$",
                                         "--benchmark_format=json"])
        one = json.loads(text)["benchmarks"][0]
        return {"ns": 1e9 / one["items_per_second"], "rss_mb": resident}

    return measure


# --- Predicates: raw bytes to matches -----------------------------------------------------------


def fengsui_predicates(count):
    def measure(data):
        text, *_ = measured([PREDICATES, data.predicate_pack(count), data.few, 3])
        return json.loads(text)

    return measure


def esper_predicates(count):
    return lambda data: java("esper", "EsperPeer", "predicates", data.predicates(count), data.few,
                             3)


def flink_predicates(count):
    return lambda data: java("flink", "FlinkPeer", "predicates", data.predicates(count), data.few)


def fengsui_match(count):
    """The matching of what fengsui_predicates has decoded."""
    def measure(data):
        result = fengsui_predicates(count)(data)
        return result | {"ns": result["match_ns"]}

    return measure


def a_tree_match(count):
    def measure(data):
        text, *_ = measured([A_TREE, data.predicates(count), data.few])
        return json.loads(text)

    return measure


# --- All of it --------------------------------------------------------------------------------

RULES = "six windowed rules"
START = "start-up: one event, the whole process"
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
} | {
    f"{count:,} predicates, matching alone": {
        "fengsui, with its records": fengsui_match(count),
        "a-tree, search": a_tree_match(count),
    } for count in PREDICATE_COUNTS
} | {
    f"keywords: {sets:,} sets, texts of 31 bytes": {
        "fengsui, with folding": keywords("fengsui", sets),
        "Vectorscan, texts folded before": keywords("vectorscan", sets),
    } for sets in KEYWORD_SETS
} | {
    START: {
        "fengsui": fengsui_start,
        "Esper": peer_start("esper", "EsperPeer"),
        "Siddhi": peer_start("siddhi", "SiddhiPeer"),
        "Flink": peer_start("flink", "FlinkPeer", "heap"),
    },
}


def measure_work(work, systems, data, rounds):
    results = {name: [] for name in systems}
    for number in range(rounds):
        # Forwards and backwards in turn, so that no system has always the warmer machine.
        order = list(systems) if number % 2 == 0 else list(reversed(systems))
        for name in order:
            results[name].append(systems[name](data))
            print(f"{work}: {name}: {results[name][-1]['ns']:,.0f} ns", file=sys.stderr)
    if all("counts" in one for each in results.values() for one in each) and work != START:
        check_matches(work, results)
    for name in results:
        if len({one.get("records") for one in results[name]}) != 1:
            raise Wrong(f"{work}: {name} gave other records in another round")
    return results


def check_matches(work, results):
    counts = {name: each[0]["counts"]["matches"] for name, each in results.items()}
    if len(set(counts.values())) != 1:
        raise Wrong(f"{work}: the systems do not agree: {counts}")


def median_of(each, figure):
    values = [one[figure] for one in each if figure in one]
    return statistics.median(values) if values else None


def print_table(work, results):
    figure = "start_ms" if work == START else "ns"
    medians = {name: median_of(each, figure) for name, each in results.items()}
    ours = medians[next(iter(medians))]
    unit = "ms" if work == START else "CPU ns an event"
    print(f"\n| {work} | {unit} | least, most | × fengsui | events/s | resident MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, each in results.items():
        values = [one[figure] for one in each]
        rate = median_of(each, "rate")
        print(f"| {name} | {medians[name]:,.0f} | {min(values):,.0f}, {max(values):,.0f} | "
              f"{medians[name] / ours:,.1f} | {f'{rate:,.0f}' if rate else ''} | "
              f"{max(one['rss_mb'] for one in each):,} |")


def print_latency():
    """Ours alone: the peers' pipelines of this comparison have no acknowledged, durable alert."""
    result = json.loads(run([sys.executable, HERE / "latency.py"], stdout=subprocess.PIPE).stdout)
    names = [name for name in result if name.startswith("p")] + ["fsync_p99_ms", "limit_ms"]
    print("\n| accept to durable alert, HTTP, open loop | " + " | ".join(names) + " |")
    print("| --- |" + " --- |" * len(names))
    print("| fengsui, ms | " + " | ".join(f"{result[name]:,.1f}" for name in names) + " |")


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
    if args.only.search("latency"):
        print_latency()
    (BUILD / "compare.json").write_text(json.dumps(everything, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
