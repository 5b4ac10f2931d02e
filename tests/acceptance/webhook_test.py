#!/usr/bin/env python3
"""A queue whose receiver is sick in every way, beside one that is well.

  webhook_test.py --fengsui BINARY [--seed N]

The receiver answers 500, 429 with Retry-After, redirects, hangs up half-way, answers garbage or not
at all, and its certificate is for a while another one's. Every message must come, in order, each
with its idempotency key, signed; one whose answer was lost may come again, with the same key. The
well queue must have all of its messages while the sick one has hardly any. The process is killed
(SIGKILL) in between.
"""
import argparse
import collections
import hashlib
import hmac
import http.server
import json
import pathlib
import random
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading

import kill_test
import service
from service import Failure

SECRET = "test-only-secret"
SICKNESSES = ["500", "429", "302", "hangs_up", "half", "garbage", "silence"]


def certificate(folder, name, host):
    """A certificate of its own authority."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                    "-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1" if host == "localhost"
                    else f"subjectAltName=DNS:{host}",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
                   check=True, capture_output=True)
    return folder / f"{name}.pem", folder / f"{name}.key"


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it got and said 200 to, and what it got otherwise."""
    daemon_threads = True

    def __init__(self, seed, sick_share, tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.rng = random.Random(seed)
        self.sick_share = sick_share
        self.lock = threading.Lock()
        self.taken = []        # (key, body) that were answered 200, in order
        self.unanswered = []   # that were taken, and the answer did not come
        self.sick = collections.Counter()
        self.failures = []
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02},
                         daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # the other side hung up: it may

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def sickness(self):
        with self.lock:
            if self.rng.random() >= self.sick_share:
                return None
            one = self.rng.choice(SICKNESSES)
            self.sick[one] += 1
            return one


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        receiver = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.check(body)
        one = (self.headers["Idempotency-Key"], body)
        sickness = receiver.sickness()
        if sickness in ("half", "garbage", "silence"):
            # It has taken the message, and the answer does not come.
            with receiver.lock:
                receiver.unanswered.append(one)
        if sickness is None:
            with receiver.lock:
                receiver.taken.append(one)
            self.answer(200)
        elif sickness in ("500", "429", "302"):
            self.answer(int(sickness), {"429": {"Retry-After": "0"},
                                        "302": {"Location": "/elsewhere"}}.get(sickness, {}))
        else:
            if sickness == "half":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
            elif sickness == "garbage":
                self.wfile.write(b"\x00\x01 what\r\n\r\n")
            elif sickness == "silence":
                self.connection.settimeout(10)
                try:
                    self.rfile.read(1)  # until the other side gives up
                except OSError:
                    pass
            self.close_connection = True

    def do_GET(self):
        self.server.failures.append("a redirect was followed")
        self.answer(200)

    def answer(self, status, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def check(self, body):
        stamp = self.headers["X-Fengsui-Timestamp"]
        wanted = "v1=" + hmac.new(SECRET.encode(), f"{stamp}.".encode() + body,
                                  hashlib.sha256).hexdigest()
        if not hmac.compare_digest(self.headers["X-Fengsui-Signature"], wanted):
            self.server.failures.append("a signature is wrong")
        if self.path != "/alerts?from=fengsui":
            self.server.failures.append(f"posted to {self.path}")
        json.loads(body)


class Hooks:
    """In place of service.FileTransport's queue: two webhooks."""

    def __init__(self, folder, well, sick, ca):
        self.files = service.FileTransport(folder)
        (folder / "secret").write_text(SECRET + "\n")
        common = {"secret_file": str(folder / "secret")}
        self.well = {"webhook": common | {
            "url": f"http://127.0.0.1:{well.port}/alerts?from=fengsui"}}
        self.sick = {"webhook": common | {
            "url": f"https://localhost:{sick.port}/alerts?from=fengsui", "timeout": "300ms",
            "ca_file": str(ca)}}

    def source(self):
        return self.files.source()

    def sink(self):
        return self.well

    def close(self):
        self.files.close()


def run(arguments, folder):
    good = certificate(folder, "good", "localhost")
    bad = certificate(folder, "bad", "elsewhere.example")
    well = Receiver(arguments.seed, 0)
    sick = Receiver(arguments.seed, 0.6, good)
    transport = Hooks(folder, well, sick, folder / "ca.pem")
    # At first it trusts another certificate alone: the receiver's is wrong.
    shutil.copy(bad[0], folder / "ca.pem")
    kept = service.Service(folder, transport, kill_test.PACK, kill_test.SETTINGS)
    dispatch = json.loads((folder / "dispatch.yaml").read_text())
    dispatch["route"] = {"queue": "duty", "routes": [
        {"matchers": ["grade!=none"], "queue": "duty", "continue": True},
        {"matchers": ["grade!=none"], "queue": "sick"}]}
    dispatch["queues"].append({"name": "sick", "sinks": [transport.sick]})
    (folder / "dispatch.yaml").write_text(json.dumps(dispatch))
    source = kill_test.Input(kill_test.city(arguments.seed, 2000), transport.files)
    events = folder / "events.ndjson"
    events.write_bytes(b"".join(line + b"\n" for line in source.lines))
    records, _ = service.reference(arguments.fengsui, kill_test.PACK, kill_test.SETTINGS, events)
    expected = sum(record["time"] != kill_test.LAST_TIME for record in records)
    try:
        source.feed(len(source.lines) // 2)
        kept.start(arguments.fengsui, {})
        service.wait_for("the first alerts", 60, lambda: len(well.taken) > 5)
        service.wait_for("a refused certificate", 60, lambda: any(
            "certificate" in line for line in kept.lines()))
        if sick.taken or sick.unanswered:
            raise Failure("a receiver with a wrong certificate was sent messages")
        kept.kill()
        shutil.copy(good[0], folder / "ca.pem")
        kept.start(arguments.fengsui, {})
        source.feed(source.left())
        service.wait_for("the well queue", 60, lambda: len(well.taken) >= expected)
        if len(sick.taken) >= expected:
            raise Failure("the sick queue was as fast as the well one: this has tried little")
        service.wait_for("some of the sick queue", 120, lambda: len(sick.taken) > 20)
        kept.kill()
        kept.start(arguments.fengsui, {})
        with sick.lock:
            sick.sick_share = 0.05
        service.wait_for("the sick queue", 200, lambda: len(sick.taken) >= expected)
        kept.stop()
    finally:
        kept.close()
    for name, receiver in (("well", well), ("sick", sick)):
        if receiver.failures:
            raise Failure(f"{name}: {receiver.failures[:3]}")
        check(name, receiver, expected)
    bodies = [[body_without_queue(body) for _, body in dict_in_order(one)] for one in (well, sick)]
    if bodies[0] != bodies[1]:
        raise Failure("the two queues have heard of different records, or in another order")
    missing = [one for one in SICKNESSES if sick.sick[one] == 0]
    if missing:
        raise Failure(f"{missing} have not been tried")
    return expected, sick.sick


def dict_in_order(receiver):
    """Each key's message, at its first coming."""
    return list(dict(receiver.taken).items())


def body_without_queue(body):
    return {key: value for key, value in json.loads(body).items() if key != "queue"}


def check(name, receiver, expected):
    """All keys once, in order, but for what was answered just before a kill."""
    numbers = [int(key.rsplit("-", 1)[1]) for key, _ in receiver.taken]
    if sorted(set(numbers)) != list(range(1, expected + 1)):
        raise Failure(f"{name}: {len(set(numbers))} of {expected} messages have come")
    if list(dict.fromkeys(numbers)) != sorted(set(numbers)):
        raise Failure(f"{name}: messages have come out of order")
    seen = dict(receiver.taken)
    for key, body in receiver.taken + receiver.unanswered:
        if seen[key] != body:
            raise Failure(f"{name}: {key} has come with two messages")
    again = len(numbers) - len(set(numbers))
    if again > 2 * 16:  # at a kill, between answers and the mark
        raise Failure(f"{name}: {again} messages have come again after they were taken")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fengsui", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fengsui-webhook-"))
    try:
        expected, sick = run(arguments, folder)
    except Failure as failure:
        print(f"FAILED: {failure}\nseed {arguments.seed}, kept in {folder}")
        return 1
    print(f"{expected} messages through {dict(sick)}")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
