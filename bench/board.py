#!/usr/bin/env python3
"""The board with many alerts, over HTTP: lists and searches, and how soon open streams are told.

  board.py [--alerts 100000] [--streams 200] [--told 100] [--requests 300]
           [--fengsui build/release/fengsui]

Every event of a followed file is an alert. Then lists and searches are asked one after the other on
one connection, milliseconds an answer. Then `streams` connections listen to /v1/stream while
events come one by one, each an alert: milliseconds from before the request that posts it to its
line in each stream. The reader of all streams is this one process, so its own time is in it.
"""
import argparse
import http.client
import json
import pathlib
import select
import socket
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
sys.path.insert(0, str(HERE.parent / "tests" / "acceptance"))
sys.dont_write_bytecode = True
import latency  # noqa: E402
import service  # noqa: E402
from durable import SETTINGS  # noqa: E402
from process_figures import free_port, metrics, peak_mb  # noqa: E402

QUERIES = {
    "the newest 50": "limit=50",
    "the newest 500": "limit=500",
    "by grade and state": "grade=blue&state=new&limit=50",
    "by a text that 1 in 1,000 has": "q=gate+777&limit=50",
    "by a text that none has, 20,000 looked at": "q=nowhere",
}


def event(number):
    return json.dumps({
        "specversion": "1.0", "id": f"e{number}", "source": "bench", "type": "gate.pass",
        "time": f"2026-03-01T{number // 3600000 % 24:02d}:{number // 60000 % 60:02d}:"
                f"{number // 1000 % 60:02d}.{number % 1000:03d}Z",
        "data": {"gate": f"gate {number % 1000}"}})


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def figures(values):
    return " / ".join(f"{percentile(values, share):.1f}" for share in (0.5, 0.99, 1))


def write_pack(folder):
    rules = latency.RULES.replace("    grade: blue\n",
                                  "    grade: blue\n    message: 'at {gate}'\n")
    for name, text in (("schemas/gate.yaml", latency.SCHEMA), ("rules.yaml", rules)):
        (folder / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pack" / name).write_text(text)


def ask_lists(port, requests):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for name, query in QUERIES.items():
        took = []
        for _ in range(requests):
            began = time.perf_counter()
            connection.request("GET", "/v1/alerts?" + query)
            answer = connection.getresponse()
            json.loads(answer.read())
            took.append((time.perf_counter() - began) * 1e3)
            if answer.status != 200:
                raise service.Failure(f"{query} is answered {answer.status}")
        print(f"{name}: {figures(took)} ms (p50 / p99 / most)")


def open_streams(port, count):
    streams = []
    for _ in range(count):
        stream = socket.create_connection(("127.0.0.1", port))
        stream.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while b"retry" not in stream.recv(65536):
            pass
        stream.setblocking(False)
        streams.append(stream)
    return streams


def tell_streams(port, count, told, first):
    streams = open_streams(port, count)
    poll = select.epoll()
    for stream in streams:
        poll.register(stream, select.EPOLLIN)
    by_fd = {stream.fileno(): stream for stream in streams}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for number in range(first, first + told):
        began = time.perf_counter()
        connection.request("POST", "/v1/events", body=event(number),
                           headers={"Content-Type": "application/cloudevents+json"})
        connection.getresponse().read()
        waiting = set(by_fd)
        while waiting:
            for fd, _ in poll.poll(10):
                if b"data:" in by_fd[fd].recv(65536) and fd in waiting:
                    waiting.discard(fd)
                    took.append((time.perf_counter() - began) * 1e3)
    print(f"{count} streams told of {told} alerts: {figures(took)} ms (p50 / p99 / most)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--told", type=int, default=100)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--fengsui", type=pathlib.Path, default=BUILD / "release" / "fengsui")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fengsui-board-", dir=BUILD) as folder:
        folder = pathlib.Path(folder)
        write_pack(folder)
        port = free_port()
        transport = service.FileTransport(folder)
        kept = service.Service(folder, transport, folder / "pack", SETTINGS, port=port,
                               checkpoint_interval="30s")
        try:
            kept.start(args.fengsui.resolve(), {})
            kept.await_recovery()
            for begin in range(0, args.alerts, 10_000):
                transport.feed([event(number).encode()
                                for number in range(begin, min(begin + 10_000, args.alerts))])
            service.wait_for("all alerts", 600, lambda: metrics(port).get(
                "fengsui_records_total", 0) >= args.alerts, pause=0.1)
            service.wait_for("the queue", 600, lambda: metrics(port).get(
                "fengsui_outbox_depth", 1) == 0, pause=0.1)
            print(f"{args.alerts} alerts, {peak_mb(kept.process.pid):.0f} MiB resident at most")
            ask_lists(port, args.requests)
            tell_streams(port, args.streams, args.told, args.alerts)
            kept.stop()
        finally:
            kept.close()


if __name__ == "__main__":
    main()
